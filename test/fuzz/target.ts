/** A parser under test, and what it must not do. */
export interface Target {
  readonly name: string;
  /** Inputs that mean something to it: what the made-up ones begin with. */
  readonly corpus: readonly (string | Uint8Array)[];
  /** More texts that it may look for. */
  readonly words?: readonly string[];
  /** More inputs by its grammar, so many as are asked for, the same ones for the same seed. */
  readonly grammar?: (seed: number, count: number) => readonly string[];
  /**
   * Lets the parser read.
   *
   * @returns whether it understood the input
   * @throws anything when the parser does what it must not: that is a fault
   */
  readonly read: (input: Buffer) => boolean | Promise<boolean>;
  /** Of how much all targets together get; default 1. */
  readonly share?: number;
}

/** Stands in corpora where a person is named, or a key: no error may say it. */
export const PERSON = 'zebra.quagga@example.com';
const TELLING = /zebra\.?quagga/i;

/** Fails unless an error text is short, and says nothing of a person. */
export function assertDiscreet(text: string, longest: number): void {
  if (text.length > longest) throw new Error(`the error text has ${text.length} characters`);
  if (TELLING.test(text)) throw new Error(`the error text tells of a person: ${text.slice(0, 300)}`);
}

/** Fails unless an error that may quote an answer is short, and has none of the texts that it was told to hide. */
export function assertHides(text: string, longest: number, hidden: readonly string[]): void {
  if (text.length > longest) throw new Error(`the error text has ${text.length} characters`);
  const told = text.toLowerCase();
  for (const one of hidden) {
    const spellings = [one, encodeURIComponent(one)].map((spelling) => spelling.toLowerCase());
    if (spellings.some((spelling) => told.includes(spelling))) {
      throw new Error(`the error text tells what is to be hidden: ${text.slice(0, 300)}`);
    }
  }
}

/**
 * Whether a parser understood what it was given: false where it refused it with the error that it is known to throw.
 *
 * @param refusals classes of that error
 * @param inspect fails when the error says what it must not
 */
export function understands(
  read: () => unknown,
  refusals: readonly (abstract new (...args: never[]) => Error)[],
  inspect: (error: Error) => void,
): boolean {
  try {
    read();
    return true;
  } catch (error) {
    const refusal = refusals.find((one) => error instanceof one);
    if (refusal === undefined) throw error;
    inspect(error as Error);
    return false;
  }
}

/** @returns undefined for what is not JSON in UTF-8 */
export function jsonIn(input: Uint8Array): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(input)) };
  } catch {
    return undefined;
  }
}

/** An answer or a request as it comes over a wire: a status, headers, an empty line, the body. */
export interface Exchange {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** What is not there is empty; the first line is the status, 200 where it is none. */
export function exchangeIn(input: Buffer): Exchange {
  const end = input.indexOf('\n\n');
  const head = (end < 0 ? input : input.subarray(0, end)).toString('latin1');
  const [first = '', ...lines] = head.split('\n');
  const status = /^[1-5]\d\d$/.test(first) ? Number(first) : 200;
  const headers = lines.flatMap((line) => {
    const colon = line.indexOf(': ');
    return colon < 0 ? [] : [[line.slice(0, colon).toLowerCase(), line.slice(colon + 2)]];
  });
  const body = end < 0 ? Buffer.alloc(0) : input.subarray(end + 2);
  return { status, headers: Object.fromEntries(headers), body };
}

/** As {@link exchangeIn} reads it. */
export function exchangeText(
  status: number,
  headers: Readonly<Record<string, string>>,
  body: unknown,
): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return `${[status, ...lines].join('\n')}\n\n${text}`;
}

/** Fails unless two readings of the same say the same. */
export function assertSame(what: string, one: unknown, other: unknown): void {
  const [first, second] = [one, other].map((value) => JSON.stringify(value));
  if (first !== second) throw new Error(`${what}: ${first?.slice(0, 300)} and ${second?.slice(0, 300)}`);
}
