import type { WebhookMessage } from './messages';

/** The webhook messages that Didomi would have sent, oldest first. */
export class Outbox {
  private messages: WebhookMessage[] = [];
  private forgotten = 0;

  /** @param onMessages is given the messages of each change together */
  constructor(private readonly onMessages: (messages: readonly WebhookMessage[]) => void) {}

  put(messages: readonly WebhookMessage[]): void {
    if (messages.length === 0) return;
    this.messages.push(...messages);
    this.onMessages(messages);
  }

  /** How many there have been since the start. */
  get count(): number {
    return this.forgotten + this.messages.length;
  }

  /** All but the first `after` since the start. */
  list(after = 0): WebhookMessage[] {
    return this.messages.slice(Math.max(0, after - this.forgotten));
  }

  /** Forgets the messages; they go on being counted. */
  clear(): void {
    this.forgotten += this.messages.length;
    this.messages = [];
  }
}
