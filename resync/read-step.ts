import type { Rules } from '../consent/rules';
import type { DidomiApi } from '../didomi/api/didomi-api';
import { type ExportListing, findExport } from '../didomi/export/find-export';
import type { Gathered } from '../didomi/gathered';
import type { ResyncCounts, SourceSpec } from '../workflows/resync/contract';
import { BUCKETS, Buckets, type Lengths } from './buckets';
import { type Checkpoint, type GatherCounts, gather } from './gather';
import type { MergedContact } from './merged-contact';
import type { OpenSources } from './open-sources';
import { reduceBucket } from './reduce';
import { brokenInWork } from './report';
import type { Source } from './source';
import { ExportSource } from './sources/export-source';
import { IdsSource } from './sources/ids-source';
import { UsersSource } from './sources/users-source';
import { isEndOf, type StepSignals } from './step-signals';
import type { WorkFolder } from './work-folder';

/** How far reading is. */
interface ReadPosition {
  /** ms since 1970, when reading began: the same for all its steps. */
  readonly readAt: number;
  readonly checkpoint?: Checkpoint<unknown>;
  readonly isGathered?: true;
  /** Buckets whose contacts are merged, and how long what came of them is. */
  readonly merged: number;
  readonly lengths: Lengths;
  readonly contacts: number;
}

export interface ReadStepOptions {
  readonly folder: WorkFolder;
  readonly source: SourceSpec;
  readonly rules: Rules;
  /** Only where the source is Didomi's API. */
  readonly api: () => Pick<DidomiApi, 'usersOf' | 'pageOfUsers'>;
  /** What is being read in this process. */
  readonly sources: OpenSources;
  readonly signals: StepSignals;
}

export interface ReadStep {
  readonly done: boolean;
  readonly counts: Pick<ResyncCounts, 'read' | 'broken' | 'ignored' | 'didomiCalls'>;
  /** How much is done, from 0 to 1; absent where nobody knows how much there is. */
  readonly share?: number;
  /** What of the source was not read, and why: the first of it. */
  readonly notes: readonly string[];
}

const POSITION = 'read';

/** The contacts of the source, merged; complete once reading is done. */
export function mergedContacts(folder: WorkFolder): Buckets<MergedContact> {
  return new Buckets(folder.file('merged'), folder.seal);
}

/** How many contacts a source spoke of that was read to its end. */
export async function contactsRead(folder: WorkFolder): Promise<number> {
  return (await folder.read<ReadPosition>(POSITION))?.contacts ?? 0;
}

/** Reads on from where the last step ended, until this one ends or all is read. */
export async function readStep(options: ReadStepOptions): Promise<ReadStep> {
  const { folder, sources, signals } = options;
  let position = (await folder.read<ReadPosition>(POSITION)) ?? {
    readAt: Date.now(),
    merged: 0,
    lengths: [],
    contacts: 0,
  };
  const keep = async (next: ReadPosition): Promise<void> => {
    position = next;
    await folder.write(POSITION, position);
  };
  await keep(position);
  if (!position.isGathered) {
    const isOver = await gatherOn(options, position, (checkpoint) => keep({ ...position, checkpoint }));
    if (!isOver) return stepOf(folder, position);
    sources.close(folder.run);
    await keep({ ...position, isGathered: true });
  }
  await mergeOn(folder, position, signals, keep);
  return stepOf(folder, position);
}

/** Reading takes most of the time, merging the rest. */
const READING_SHARE = 0.8;

async function stepOf(folder: WorkFolder, position: ReadPosition): Promise<ReadStep> {
  const { isGathered, checkpoint, merged } = position;
  const gathered = checkpoint?.share === undefined ? undefined : READING_SHARE * checkpoint.share;
  const share = isGathered ? READING_SHARE + (1 - READING_SHARE) * (merged / BUCKETS) : gathered;
  return {
    done: merged === BUCKETS,
    counts: countsOf(position),
    ...(share !== undefined && { share }),
    notes: await notesOf(folder),
  };
}

async function mergeOn(
  folder: WorkFolder,
  from: ReadPosition,
  { ending }: StepSignals,
  keep: (position: ReadPosition) => Promise<void>,
): Promise<void> {
  const gathered = gatheredIn(folder);
  const merged = mergedContacts(folder);
  await merged.goBackTo(from.lengths);
  let position = from;
  while (position.merged < BUCKETS && !ending.aborted) {
    const contacts = await reduceBucket(gathered.read(position.merged));
    for (const contact of contacts) await merged.add(position.merged, contact);
    const lengths = await merged.flush();
    position = {
      ...position,
      merged: position.merged + 1,
      lengths,
      contacts: position.contacts + contacts.length,
    };
    await keep(position);
  }
}

/** @returns whether the source was read to its end */
async function gatherOn(
  { folder, source, rules, api, sources, signals }: ReadStepOptions,
  { readAt, checkpoint }: ReadPosition,
  onCheckpoint: (checkpoint: Checkpoint<unknown>) => Promise<void>,
): Promise<boolean> {
  try {
    await gather<unknown>({
      source: await sources.of(folder.run, () => openSource(source, { folder, rules, readAt, api })),
      buckets: gatheredIn(folder),
      brokenFile: brokenInWork(folder),
      from: checkpoint,
      onCheckpoint,
      signals,
    });
    return true;
  } catch (error) {
    if (isEndOf(signals, error)) return false;
    throw error;
  }
}

interface OpenOptions extends Pick<ReadStepOptions, 'folder' | 'rules' | 'api'> {
  readonly readAt: number;
}

/** @throws NothingToReadError */
async function openSource(
  source: SourceSpec,
  { folder, rules, readAt, api }: OpenOptions,
): Promise<Source<unknown>> {
  switch (source.kind) {
    case 'didomi-api':
      return new UsersSource(api(), rules) as Source<unknown>;
    case 'ids':
      return new IdsSource(source.path, api(), rules) as Source<unknown>;
    case 'files':
      return new ExportSource(
        (await listingOf(source, folder, readAt)).files,
        rules,
        readAt,
        folder.seal,
      ) as Source<unknown>;
  }
}

const LISTING = 'listing';

/** The same files for all steps of a run, also when others are laid beside them. */
async function listingOf(
  { paths, asOf }: Extract<SourceSpec, { kind: 'files' }>,
  folder: WorkFolder,
  now: number,
): Promise<ExportListing> {
  const kept = await folder.read<ExportListing>(LISTING);
  if (kept) return kept;
  const listing = await findExport(paths, { now, ...(asOf !== undefined && { asOf }) });
  if (listing.files.length === 0) throw new NothingToReadError(listing);
  await folder.write(LISTING, listing);
  return listing;
}

const MAX_NOTES = 5;

async function notesOf(folder: WorkFolder): Promise<string[]> {
  const { skipped } = (await folder.read<ExportListing>(LISTING)) ?? { skipped: [] };
  const more = skipped.length - MAX_NOTES;
  return [
    ...skipped.slice(0, MAX_NOTES).map(({ path, reason }) => `not read: ${path}: ${reason}`),
    ...(more > 0 ? [`not read: ${more} more`] : []),
  ];
}

/** A source in which there is nothing that may be read. */
export class NothingToReadError extends Error {
  override readonly name = 'NothingToReadError';

  constructor({ skipped }: ExportListing) {
    const why = skipped.slice(0, 3).map(({ path, reason }) => `${path}: ${reason}`);
    super(['There is nothing to read in the source.', ...why].join(' '));
  }
}

function gatheredIn(folder: WorkFolder): Buckets<Gathered> {
  return new Buckets(folder.file('gathered'), folder.seal);
}

function countsOf({ checkpoint }: ReadPosition): ReadStep['counts'] {
  const counts: GatherCounts = checkpoint?.counts ?? {
    read: 0,
    ignored: {},
    broken: 0,
    ambiguous: 0,
    calls: 0,
  };
  const ignored = Object.values(counts.ignored).reduce((sum, count) => sum + count, 0);
  return { read: counts.read, broken: counts.broken, ignored, didomiCalls: counts.calls ?? 0 };
}
