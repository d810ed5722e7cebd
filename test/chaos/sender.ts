import type { SubmitResult } from '../../client';
import type { Json } from '../oracle/delivery';
import type { Random } from '../oracle/random';
import { pause } from './pause';
import type { Person } from './people';

/** One message about a person. */
export interface Letter {
  readonly person: Person;
  readonly message: Json;
}

/** What ingestion said of one message for one integration, with its 202. */
export interface Answered extends Letter {
  readonly result: SubmitResult;
}

/** Requests under way at once; Didomi sends many. */
const LANES = 48;
/** Messages in one request. */
const BUNDLE = [1, 1, 1, 1, 1, 1, 1, 2, 3, 5] as const;
/** After an answer that is no 2xx, or none at all, in ms. */
const RETRY_MS = [200, 2_000] as const;
/** Longest wait for an answer, in ms. Now and then the connection breaks long before. */
const ANSWER_MS = 10_000;
const BREAKS = 0.02;
const BREAKS_AFTER_MS = [1, 60] as const;

/** Sends messages as Didomi does: each until there is a 2xx. */
export class Sender {
  readonly answers: Answered[] = [];
  /** Messages that were handed over. */
  given = 0;
  /** Messages with a 202. */
  accepted = 0;
  requests = 0;
  /** Requests that were sent again, by what they had met. */
  readonly failures = new Map<string, number>();
  /** Answers that no sender of sound messages should get. */
  readonly wrong: string[] = [];
  private readonly queue: Letter[] = [];
  private readonly waiting: (() => void)[] = [];
  private over = false;
  private readonly lanes: Promise<void>[];

  constructor(
    private readonly url: string,
    private readonly token: string,
    private readonly random: Random,
  ) {
    this.lanes = Array.from({ length: LANES }, () => this.lane());
  }

  send(letter: Letter): void {
    this.given += 1;
    this.queue.push(letter);
    this.waiting.shift()?.();
  }

  /** Resolves when everything that was handed over has its 202. */
  async finish(): Promise<void> {
    this.over = true;
    for (const wake of this.waiting.splice(0)) wake();
    await Promise.all(this.lanes);
  }

  private async lane(): Promise<void> {
    for (;;) {
      const letters = this.queue.splice(0, this.random.pick(BUNDLE));
      if (letters.length > 0) await this.deliver(letters);
      else if (this.over) return;
      else await new Promise<void>((wake) => this.waiting.push(wake));
    }
  }

  private async deliver(letters: readonly Letter[]): Promise<void> {
    const messages = letters.map(({ message }) => message);
    const body = JSON.stringify(messages.length === 1 ? messages[0] : messages);
    while (!(await this.attempt(letters, body))) await pause(this.random.integer(...RETRY_MS));
  }

  /** Says whether there is nothing more to do. */
  private async attempt(letters: readonly Letter[], body: string): Promise<boolean> {
    this.requests += 1;
    const breaks = this.random.chance(BREAKS);
    const ms = breaks ? this.random.integer(...BREAKS_AFTER_MS) : ANSWER_MS;
    try {
      const response = await fetch(this.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${this.token}` },
        body,
        signal: AbortSignal.timeout(ms),
      });
      const text = await response.text();
      if (response.status === 202) return this.take(letters, text);
      this.note(`status ${response.status}`);
      if (RETRIED.has(response.status)) return false;
      this.wrong.push(`status ${response.status} to a sound message: ${text.slice(0, 200)}`);
      return true;
    } catch {
      this.note(breaks ? 'broken off by the sender' : 'no answer');
      return false;
    }
  }

  private take(letters: readonly Letter[], text: string): boolean {
    const { results } = JSON.parse(text) as {
      readonly results: readonly (SubmitResult & { index: number })[];
    };
    this.accepted += letters.length;
    for (const result of results) {
      const letter = letters[result.index];
      if (letter) this.answers.push({ ...letter, result });
    }
    return true;
  }

  private note(what: string): void {
    this.failures.set(what, (this.failures.get(what) ?? 0) + 1);
  }
}

const RETRIED: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);
