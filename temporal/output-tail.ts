import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

const LINES_KEPT = 20;

/** The last lines that a process printed, for the message that tells why it ended. */
export class OutputTail {
  private readonly lines: string[] = [];

  /** @param onLine told of each line as it comes. */
  constructor(
    streams: readonly Readable[],
    private readonly onLine?: (line: string) => void,
  ) {
    for (const stream of streams) {
      createInterface({ input: stream }).on('line', (line) => this.add(line));
    }
  }

  private add(line: string): void {
    if (line.trim() === '') return;
    this.lines.push(line);
    if (this.lines.length > LINES_KEPT) this.lines.shift();
    this.onLine?.(line);
  }

  /** The lines, oldest first, joined by newlines; empty when there were none. */
  toString(): string {
    return this.lines.join('\n');
  }
}
