/** Standard output holds results only; everything else goes to standard error. */

/** Writes one line of results. */
export function printLine(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Writes one line of JSON. */
export function printJson(value: unknown): void {
  printLine(JSON.stringify(value));
}

/** Writes one line for the person at the terminal, beside the results. */
export function tell(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Resolves once everything written so far has left the process. */
export async function flushed(): Promise<void> {
  await Promise.all([process.stdout, process.stderr].map(flush));
}

function flush(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => stream.write('', () => resolve()));
}
