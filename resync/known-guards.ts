import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Seconds } from '../consent/statement';
import { GUARDS } from './leftovers';
import { LineFile, linesFrom } from './line-file';

/** An opt-in that stays without effect, because Brevo knows a later unsubscription. No personal data. */
export interface KnownGuard {
  readonly contactKey: string;
  /** Of the contact in Brevo: another one of the same address has another past. */
  readonly id: number;
  /** When the person had opted in. */
  readonly time: Seconds;
}

/**
 * What runs of an integration have found guarded. People who unsubscribe in Brevo are many, stay so, and would cost each
 * night a look; a later opt-in of theirs is another one, and is looked at.
 */
export class KnownGuards {
  private constructor(
    private readonly file: LineFile<KnownGuard>,
    private readonly guards: Map<string, KnownGuard>,
  ) {}

  /** @param root of all runs */
  static async open(root: string, integration: string): Promise<KnownGuards> {
    const folder = join(root, GUARDS);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const path = join(folder, `${integration}.ndjson`);
    const guards = new Map<string, KnownGuard>();
    if (existsSync(path)) {
      for await (const { value } of linesFrom<KnownGuard>(path, 0)) guards.set(value.contactKey, value);
    }
    return new KnownGuards(new LineFile(path), guards);
  }

  /** Of contacts. */
  get size(): number {
    return this.guards.size;
  }

  /** Time of the opt-in that was found guarded for this contact. */
  timeOf(contactKey: string, id: number): Seconds | undefined {
    const known = this.guards.get(contactKey);
    return known?.id === id ? known.time : undefined;
  }

  /** The latest of a contact counts. A process that dies may have written one twice. */
  async add(found: readonly KnownGuard[]): Promise<void> {
    const news = found.filter(({ contactKey, id, time }) => this.timeOf(contactKey, id) !== time);
    for (const one of news) this.guards.set(one.contactKey, one);
    await this.file.append(news);
  }
}
