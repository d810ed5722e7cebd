import { MAX_IDS } from '../brevo/contact-page';
import type { Differing } from './differing';
import type { Line } from './line-file';

/** A contact as it was found at Brevo. */
type Found = NonNullable<Differing['found']>;

/** One that Brevo had. */
export interface Known extends Differing {
  readonly found: Found & { readonly contact: NonNullable<Found['contact']> };
}

/**
 * Reads contacts again, at most {@link MAX_IDS}.
 *
 * @returns what Brevo holds by now, in the order given, undefined for one of which that is not sure; null when Brevo
 *   could not be asked
 */
export type Reread = (contacts: readonly Known[]) => Promise<readonly (Found | undefined)[] | null>;

/** After Brevo could not be asked, contacts pass as they are for so long, in ms. */
const ASK_AGAIN_MS = 30_000;

/**
 * Keeps what was read of Brevo young enough to stand for a look: many contacts are read again in one call, where the
 * workflow of each would need one of its own. That there is no contact does not grow old: Brevo says so when it is
 * created.
 *
 * @param lastsMs for so long what was read is young
 */
export async function* upToDate(
  lines: AsyncIterable<Line<Differing>>,
  reread: Reread,
  lastsMs: number,
): AsyncGenerator<Line<Differing>> {
  const ahead = new Ahead(lines);
  let askFrom = 0;
  try {
    for (let line = await ahead.first(); line; line = await ahead.first()) {
      const now = Date.now();
      if (now >= askFrom && isOlderThan(now - lastsMs, line.value)) {
        const isAsked = await ahead.renew(reread);
        if (!isAsked) askFrom = now + ASK_AGAIN_MS;
      }
      const next = ahead.take();
      if (next) yield next;
    }
  } finally {
    await ahead.close();
  }
}

/** Lines that are to come, as far as one call may concern them. */
class Ahead {
  private lines: Line<Differing>[] = [];
  private readonly source: AsyncIterator<Line<Differing>>;

  constructor(lines: AsyncIterable<Line<Differing>>) {
    this.source = lines[Symbol.asyncIterator]();
  }

  async first(): Promise<Line<Differing> | undefined> {
    await this.fill(1);
    return this.lines[0];
  }

  take(): Line<Differing> | undefined {
    return this.lines.shift();
  }

  /** @returns whether Brevo could be asked */
  async renew(reread: Reread): Promise<boolean> {
    await this.fill(MAX_IDS);
    const known = this.lines.map(({ value }) => value).filter(isKnown);
    const answer = await reread(known);
    if (!answer) return false;
    const renewed = new Map<Differing, Found | undefined>(known.map((one, index) => [one, answer[index]]));
    this.lines = this.lines.map((line) =>
      renewed.has(line.value) ? { ...line, value: withFound(line.value, renewed.get(line.value)) } : line,
    );
    return true;
  }

  async close(): Promise<void> {
    await this.source.return?.(undefined);
  }

  private async fill(count: number): Promise<void> {
    while (this.lines.length < count) {
      const next = await this.source.next();
      if (next.done) return;
      this.lines.push(next.value);
    }
  }
}

function isKnown(contact: Differing): contact is Known {
  return Boolean(contact.found?.contact);
}

function isOlderThan(time: number, contact: Differing): boolean {
  return isKnown(contact) && contact.found.seenAt < time;
}

function withFound({ found: _, ...contact }: Differing, found: Found | undefined): Differing {
  return { ...contact, ...(found && { found }) };
}
