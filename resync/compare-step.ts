import type { BrevoAccount } from '../brevo/accounts';
import type { CallOptions } from '../brevo/client';
import { attributesIn, targetsOf } from '../brevo/contact-view';
import { rulesVersion } from '../config/rules-version';
import { statementsOf } from '../consent/consent-state';
import type { Rules } from '../consent/rules';
import type { BrevoLine } from './brevo-line';
import { type LookUpsPosition, lookUpContacts } from './brevo-look-ups';
import { type PagesPosition, type PagesRead, readPages } from './brevo-pages';
import { BUCKETS, Buckets } from './buckets';
import { chooseWay, type Way } from './choose-way';
import type { ComparedBy, Differing } from './differing';
import { sideOf } from './drift';
import { type Compared, compareBucket, type JoinInput } from './join';
import type { KnownGuards } from './known-guards';
import { LineFile } from './line-file';
import { EMPTY_PLAN, type Plan, withComparison } from './plan';
import { contactsRead, mergedContacts } from './read-step';
import { type ReportLine, reasonIn, reportedAs, reportInWork } from './report';
import { isEndOf, type StepSignals } from './step-signals';
import { DIFFERING_FILES } from './submit';
import type { WorkFolder } from './work-folder';

/** How far comparing is. */
interface ComparePosition {
  readonly way?: Way;
  readonly pages?: PagesPosition;
  readonly lookUps?: LookUpsPosition;
  /** Contacts that were looked up. */
  readonly looked?: number;
  /** Brevo was read. */
  readonly fetched?: { readonly pages?: PagesRead };
  /** Buckets that are compared. */
  readonly joined: number;
  readonly plan: Plan;
  /** In bytes: of the files of contacts that differ, then of the report. */
  readonly lengths: readonly number[];
  /** To Brevo. */
  readonly calls: number;
}

export interface CompareStepOptions {
  readonly folder: WorkFolder;
  readonly account: Pick<BrevoAccount, 'client' | 'attributes'>;
  readonly rules: Rules;
  /** What the contact is called in the report. */
  readonly keyOf: (identifier: Differing['identifier']) => string;
  /** Keys of contacts whose workflows have something to write. */
  readonly owed: () => Promise<ReadonlySet<string>>;
  /** What earlier runs found guarded. */
  readonly guards: Pick<KnownGuards, 'size' | 'timeOf'>;
  readonly signals: StepSignals;
}

export interface CompareStep {
  readonly done: boolean;
  readonly compared: number;
  readonly differing: number;
  readonly calls: number;
  /** How much is done, from 0 to 1; absent at first. */
  readonly share?: number;
  readonly plan: Plan;
  readonly way?: Way;
}

const POSITION = 'compared';
/** Keys of contacts whose workflows had something to write before Brevo was read. */
const OWED = 'owed';
const BEGIN: ComparePosition = { joined: 0, plan: EMPTY_PLAN, lengths: [0, 0, 0], calls: 0 };

/**
 * Compares on from where the last step ended, until this one ends or all is compared: reads Brevo, then compares bucket by bucket.
 *
 * @throws the errors of the Brevo client
 */
export async function compareStep(options: CompareStepOptions): Promise<CompareStep> {
  const { folder, signals } = options;
  let position = (await folder.read<ComparePosition>(POSITION)) ?? BEGIN;
  const keep = async (next: Partial<ComparePosition>): Promise<void> => {
    position = { ...position, ...next };
    await folder.write(POSITION, position);
  };
  try {
    if (!position.fetched) await fetchOn(options, () => position, keep);
    await joinOn(options, () => position, keep);
  } catch (error) {
    if (!isEndOf(signals, error)) throw error;
  }
  return stepOf(position);
}

function stepOf(position: ComparePosition): CompareStep {
  const { plan, calls, way, joined } = position;
  const { create, update, unknown } = plan.totals;
  const share = shareOf(position);
  return {
    done: joined === BUCKETS,
    compared: plan.contacts,
    differing: create + update + unknown,
    calls,
    plan,
    ...(share !== undefined && { share }),
    ...(way && { way }),
  };
}

/** Brevo's budget makes reading it take most of the time. */
const FETCHING_SHARE = 0.9;

function shareOf({ way, fetched, pages, looked = 0, joined }: ComparePosition): number | undefined {
  if (fetched) return FETCHING_SHARE + (1 - FETCHING_SHARE) * (joined / BUCKETS);
  if (!way) return undefined;
  const done = way.way === 'look-ups' ? looked / way.lookUps : (pages?.next ?? 0) / (way.inBrevo ?? 0);
  return Number.isFinite(done) ? FETCHING_SHARE * Math.min(1, done) : 0;
}

type Position = () => ComparePosition;
type Keep = (next: Partial<ComparePosition>) => Promise<void>;

async function fetchOn(options: CompareStepOptions, position: Position, keep: Keep): Promise<void> {
  const {
    folder,
    account,
    rules,
    signals: { ending, interrupted },
  } = options;
  const callOptions: CallOptions = { priority: 'bulk', maxWaitMs: LONGEST_WAIT_MS, signal: interrupted };
  const owedAtFirst = (await folder.read<string[]>(OWED)) ?? [...(await options.owed())];
  await folder.write(OWED, owedAtFirst);
  let { way } = position();
  if (!way) {
    const { count } = await account.client.pageOfContacts(
      { limit: 1, offset: 0, attributes: [] },
      callOptions,
    );
    way = chooseWay(await contactsRead(folder), count);
    await keep({ way, calls: position().calls + 1 });
  }
  const buckets = new Buckets<BrevoLine>(folder.file('brevo'), folder.seal);
  if (way.way === 'pages') {
    const pages = await readPages({
      account,
      rules,
      buckets,
      from: position().pages,
      onPage: async (next) => {
        await keep({ pages: next, calls: position().calls + 1 });
        ending.throwIfAborted();
      },
      options: callOptions,
    });
    return keep({ fetched: { pages } });
  }
  let looked = 0;
  const merged = mergedContacts(folder);
  const owed = new Set(owedAtFirst);
  await lookUpContacts({
    account,
    rules,
    contactsIn: async function* (bucket) {
      for await (const contact of merged.read(bucket)) {
        // Left to their workflows, whatever Brevo holds.
        if (owed.size > 0 && owed.has(options.keyOf(contact.identifier))) continue;
        yield contact;
        looked += 1;
      }
    },
    buckets,
    from: position().lookUps,
    onCheckpoint: async (next) => {
      const { calls, looked: before = 0 } = position();
      await keep({ lookUps: next, calls: calls + looked, looked: before + looked });
      looked = 0;
      ending.throwIfAborted();
    },
    options: callOptions,
  });
  await keep({ fetched: {} });
}

/** A page may wait for its turn as long as live events use the whole budget, in ms. */
const LONGEST_WAIT_MS = 60_000;

async function joinOn(options: CompareStepOptions, position: Position, keep: Keep): Promise<void> {
  const { folder, account, rules, keyOf, guards, signals } = options;
  const owed = new Set([...((await folder.read<string[]>(OWED)) ?? []), ...(await options.owed())]);
  const isOwed = (identifier: Differing['identifier']) => owed.size > 0 && owed.has(keyOf(identifier));
  const refusedOptIn: JoinInput['refusedOptIn'] = (identifier, id) =>
    guards.size > 0 ? guards.timeOf(keyOf(identifier), id) : undefined;
  const targets = targetsOf(await account.attributes.lookUp(attributesIn(rules)));
  await folder.write(COMPARED_BY, { rules, rulesVersion: rulesVersion(rules), targets } satisfies ComparedBy);
  const files = [
    ...DIFFERING_FILES.map((name) => new LineFile<Differing>(folder.file(name), folder.seal)),
    new LineFile<ReportLine>(reportInWork(folder), folder.seal),
  ] as const;
  for (const [index, file] of files.entries()) await file.goBackTo(position().lengths[index] ?? 0);
  const merged = mergedContacts(folder);
  const brevo = new Buckets<BrevoLine>(folder.file('brevo'), folder.seal);
  while (position().joined < BUCKETS) {
    signals.ending.throwIfAborted();
    const { joined: bucket, fetched } = position();
    let { plan } = position();
    const lines: unknown[][] = files.map(() => []);
    const by = { rules, targets, now: Date.now() };
    const bucketOfBoth = { merged: merged.read(bucket), brevo: brevo.read(bucket), by, isOwed, refusedOptIn };
    for await (const compared of compareBucket({ ...bucketOfBoth, pages: fetched?.pages })) {
      const { comparison, merged: one, found } = compared;
      if (comparison.verdict === 'unchanged') {
        plan = withComparison(plan, { comparison });
        continue;
      }
      const contactKey = keyOf(one.identifier);
      const place = placeOf(compared);
      const side = place === undefined ? undefined : sideOf(comparison, found, rules, by.now);
      plan = withComparison(plan, { comparison, contactKey, ...(side && { side }) });
      if (place !== undefined) lines[place]?.push(differingOf(compared, by.now));
      lines[REPORT]?.push(...reported(compared, contactKey));
    }
    for (const [index, file] of files.entries()) await (file as LineFile<unknown>).append(lines[index] ?? []);
    await keep({ joined: bucket + 1, plan, lengths: files.map(({ length }) => length) });
  }
}

const REPORT = DIFFERING_FILES.length;
const COMPARED_BY = 'compared-by';

/** By what the contacts were compared; undefined where no comparison came that far. */
export function comparedBy(folder: WorkFolder): Promise<ComparedBy | undefined> {
  return folder.read(COMPARED_BY);
}

/** @throws LostWorkError when contacts that differ are no longer all there: without them a withdrawal would be lost */
export async function mustHoldDiffering(folder: WorkFolder): Promise<void> {
  const { lengths } = (await folder.read<ComparePosition>(POSITION)) ?? BEGIN;
  for (const [index, name] of DIFFERING_FILES.entries()) {
    new LineFile<Differing>(folder.file(name)).mustHold(lengths[index] ?? 0);
  }
}

/** How a comparison ended, or stands. */
export async function comparisonOf(folder: WorkFolder): Promise<CompareStep> {
  return stepOf((await folder.read<ComparePosition>(POSITION)) ?? BEGIN);
}

/** Index of the file for a contact that differs: withdrawals first. */
function placeOf({ comparison: { verdict, withdraws } }: Compared): number | undefined {
  if (verdict !== 'create' && verdict !== 'update' && verdict !== 'unknown') return undefined;
  return withdraws ? 0 : 1;
}

/** @param now ms since 1970 */
function differingOf({ merged, comparison, found }: Compared, now: number): Differing {
  const { identifier, organizationUserId, heldUpTo } = merged;
  const { clearsSince: time } = comparison;
  const id = found?.contact?.id;
  return {
    identifier,
    ...(organizationUserId !== undefined && { organizationUserId }),
    statements: statementsOf(comparison.state),
    // A file may be dated ahead.
    heldUpTo: Math.min(heldUpTo, now),
    ...(found && { found: { contact: found.contact, seenAt: found.seenAt } }),
    ...(time !== undefined && id !== undefined && { clearing: { id, time } }),
  };
}

/** Contacts that are not submitted, or not with all that the source says. */
function reported({ merged, comparison }: Compared, contactKey: string): ReportLine[] {
  const { verdict, guarded } = comparison;
  if (verdict === 'skipped' || verdict === 'guarded' || verdict === 'rejected') {
    return [reportedAs(merged, contactKey, verdict, reasonIn(comparison))];
  }
  // The workflow is not told of what an old source may not say. What else stands against a part of it, it tells itself.
  return guarded === 'source_too_old'
    ? [reportedAs(merged, contactKey, 'guarded', `${guarded}: a part of it`)]
    : [];
}
