import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { identifierOf } from '../../consent/identifier';
import type { Rules } from '../../consent/rules';
import type { DidomiApi } from '../../didomi/api/didomi-api';
import { DidomiRecordError, DidomiRefusedError } from '../../didomi/api/errors';
import { readingOfUsers } from '../../didomi/api/user-reading';
import type { RecordReading } from '../../didomi/gathered';
import { type TextLine, textLinesOf } from '../../files/text-lines';
import type { Batch, Source } from '../source';
import { inLanes } from './in-lanes';

export interface IdsPosition {
  /** Lines with something on them that are done. */
  readonly done: number;
}

/** A crash costs the calls of one batch. */
const BATCH = 64;
const CALLS_AT_ONCE = 8;

/** The people of a list, one organization_user_id a line as Didomi spells it, each read from Didomi's API. */
export class IdsSource implements Source<IdsPosition> {
  /**
   * @param path of the list; the same for all readings of a run
   * @param now ms since 1970
   */
  constructor(
    private readonly path: string,
    private readonly api: Pick<DidomiApi, 'usersOf'>,
    private readonly rules: Rules,
    private readonly now: () => number = Date.now,
  ) {}

  async *batches(from: IdsPosition | undefined, signal: AbortSignal): AsyncGenerator<Batch<IdsPosition>> {
    const begin = from?.done ?? 0;
    let done = 0;
    let lines: TextLine[] = [];
    const content = createReadStream(this.path);
    const { size } = await stat(this.path);
    const share = () => ({ share: size === 0 ? 1 : Math.min(1, content.bytesRead / size) });
    for await (const line of textLinesOf(content)) {
      done += 1;
      if (done <= begin) continue;
      lines.push(line);
      if (lines.length < BATCH) continue;
      yield { ...(await this.read(lines, signal)), ...share(), next: { done } };
      lines = [];
    }
    if (lines.length > 0) yield { ...(await this.read(lines, signal)), next: { done } };
  }

  private async read(
    lines: readonly TextLine[],
    signal: AbortSignal,
  ): Promise<Omit<Batch<IdsPosition>, 'next'>> {
    let calls = 0;
    const asked = () => {
      calls += this.rules.regulations.length;
    };
    const records = await inLanes(lines, CALLS_AT_ONCE, async (line) => ({
      file: this.path,
      line: line.line,
      reading: 'problem' in line ? broken(line.problem) : await this.person(line.text, signal, asked),
    }));
    return { records, calls };
  }

  private async person(
    organizationUserId: string,
    signal: AbortSignal,
    asked: () => void,
  ): Promise<RecordReading> {
    signal.throwIfAborted();
    const { rules } = this;
    if (!identifierOf(organizationUserId, rules.identifier)) {
      return { status: 'ignored', reason: 'unusable_identifier' };
    }
    const readAt = this.now();
    asked();
    try {
      const records = await this.api.usersOf(organizationUserId, { regulations: rules.regulations, signal });
      return readingOfUsers(records, rules, readAt);
    } catch (error) {
      // Didomi's trouble with one person is no reason not to read the others.
      if (error instanceof DidomiRefusedError || error instanceof DidomiRecordError)
        return broken(error.message);
      throw error;
    }
  }
}

function broken(reason: string): RecordReading {
  return { status: 'broken', reason };
}
