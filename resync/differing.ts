import { createReadStream } from 'node:fs';
import type { Contact, Target } from '../consent/contact';
import type { Identifier } from '../consent/identifier';
import type { Rules } from '../consent/rules';
import type { Statement } from '../consent/statement';

/** A contact that differs, as it goes to its workflow. */
export interface Differing {
  readonly identifier: Identifier;
  /** As Didomi spells it, where that differs from the identifier. */
  readonly organizationUserId?: string;
  readonly statements: readonly Statement[];
  /** Of Brevo, as it was read: null = no such contact. Absent: not known. */
  readonly found?: {
    readonly contact: Contact | null;
    /** ms since 1970: when that was read. */
    readonly seenAt: number;
  };
}

/** What all contacts of a run were compared by. */
export interface ComparedBy {
  readonly rules: Rules;
  readonly rulesVersion: string;
  readonly targets: readonly Target[];
}

/** A line of a file, with where the next one begins. */
export interface Line<T> {
  readonly value: T;
  /** Bytes from the beginning of the file. */
  readonly end: number;
}

const NEW_LINE = 0x0a;

/** Lines of JSON, from a place in the file on. @param from bytes */
export async function* linesFrom<T>(path: string, from: number): AsyncGenerator<Line<T>> {
  let rest = Buffer.alloc(0);
  let end = from;
  for await (const chunk of createReadStream(path, { start: from })) {
    rest = Buffer.concat([rest, chunk as Buffer]);
    for (let at = rest.indexOf(NEW_LINE); at >= 0; at = rest.indexOf(NEW_LINE)) {
      end += at + 1;
      yield { value: JSON.parse(rest.subarray(0, at).toString('utf8')) as T, end };
      rest = rest.subarray(at + 1);
    }
  }
}
