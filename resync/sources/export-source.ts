import { createReadStream, type ReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Rules } from '../../consent/rules';
import { readExportLine } from '../../didomi/export/export-line';
import type { ExportFile } from '../../didomi/export/find-export';
import type { RecordReading } from '../../didomi/gathered';
import { DecryptionError } from '../../encryption/errors';
import { type FileSeal, isSealed, withoutKeys } from '../../encryption/sealed-file';
import { type Element, elementsOf } from '../../files/elements';
import type { Batch, Source, SourceRecord } from '../source';

export interface FilePosition {
  /** Index of the file. */
  readonly file: number;
  /** Records of it that are done. */
  readonly done: number;
}

const BATCH = 256;

/** Records of files, one file after the other. */
export class ExportSource implements Source<FilePosition> {
  /**
   * @param files the same ones in the same order for all readings of a run
   * @param readAt ms since 1970: what is dated later is ahead of our clock
   * @param seal opens what the run itself has kept: standard input
   */
  constructor(
    private readonly files: readonly ExportFile[],
    private readonly rules: Rules,
    private readonly readAt: number,
    private readonly seal?: FileSeal,
  ) {}

  async *batches(from: FilePosition | undefined, signal: AbortSignal): AsyncGenerator<Batch<FilePosition>> {
    const first = from?.file ?? 0;
    const sizes = await Promise.all(this.files.map(({ path }) => sizeOf(path)));
    const total = sizes.reduce<number>((sum, size = 0) => sum + size, 0);
    let before = 0;
    for (const [index, file] of this.files.entries()) {
      const size = sizes[index] ?? 0;
      if (index >= first) {
        const done = index === first ? (from?.done ?? 0) : 0;
        for await (const { bytes, ...batch } of this.batchesOf(file, index, done, signal)) {
          yield {
            ...batch,
            ...(total > 0 && { share: Math.min(1, (before + Math.min(bytes, size)) / total) }),
          };
        }
      }
      before += size;
    }
  }

  private async *batchesOf(
    file: ExportFile,
    index: number,
    from: number,
    signal: AbortSignal,
  ): AsyncGenerator<Batch<FilePosition> & { readonly bytes: number }> {
    let done = 0;
    let records: SourceRecord[] = [];
    let content: ReadStream | undefined;
    const elements = recordsIn(file, this.seal, (opened) => {
      content = opened;
    });
    for await (const element of elements) {
      signal.throwIfAborted();
      done += 1;
      if (done <= from) continue;
      records.push({ file: file.path, line: element.line, reading: this.readingOf(element, file) });
      if (records.length < BATCH) continue;
      yield { records, next: { file: index, done }, bytes: content?.bytesRead ?? 0 };
      records = [];
    }
    yield { records, next: { file: index + 1, done: 0 }, bytes: Number.POSITIVE_INFINITY };
  }

  private readingOf(element: Element, { date }: ExportFile): RecordReading {
    if ('problem' in element) return { status: 'broken', reason: element.problem };
    return readExportLine(element.value, this.rules, { date, readAt: this.readAt });
  }
}

/** @param onOpen told of the file's content, so that it can be asked how much of it was read */
async function* recordsIn(
  { path }: ExportFile,
  seal: FileSeal | undefined,
  onOpen: (content: ReadStream) => void,
): AsyncGenerator<Element> {
  if (path.endsWith('.gz') && (await sizeOf(path)) === 0) {
    yield { line: 1, problem: 'it is empty, which no gzip file is' };
  } else if (await isKept(path)) {
    yield* keptRecords(path, seal);
  } else {
    const content = createReadStream(path);
    onOpen(content);
    yield* elementsOf(content);
  }
}

/** Not a file of the user's. A file that is gone is told by who reads it. */
function isKept(path: string): Promise<boolean> {
  return isSealed(path).then(Boolean, () => false);
}

/** @throws DecryptionError: without its key a source must not pass for a broken one */
async function* keptRecords(path: string, seal: FileSeal | undefined): AsyncGenerator<Element> {
  if (!seal) throw withoutKeys(path);
  let failure: unknown;
  const content = seal.text(path);
  const watched = async function* () {
    try {
      yield* content;
    } catch (error) {
      failure = error;
      throw error;
    }
  };
  for await (const element of elementsOf(watched())) {
    if (failure instanceof DecryptionError) throw failure;
    yield element;
  }
}

/** undefined: a file that is gone is told by who reads it. */
function sizeOf(path: string): Promise<number | undefined> {
  return stat(path).then(
    ({ size }) => size,
    () => undefined,
  );
}
