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
import { type Compared, compareBucket } from './join';
import { LineFile } from './line-file';
import { EMPTY_PLAN, type Plan, withComparison } from './plan';
import { contactsRead, mergedContacts } from './read-step';
import { type ReportLine, reportInWork } from './report';
import { isEndOf, type StepSignals } from './step-signals';
import { DIFFERING_FILES } from './submit';
import type { WorkFolder } from './work-folder';

/** How far comparing is. */
interface ComparePosition {
  /** Keys of contacts whose workflows had something to write before Brevo was read. */
  readonly owed?: readonly string[];
  readonly way?: Way;
  readonly pages?: PagesPosition;
  readonly lookUps?: LookUpsPosition;
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
  readonly signals: StepSignals;
}

export interface CompareStep {
  readonly done: boolean;
  readonly compared: number;
  readonly differing: number;
  readonly calls: number;
  readonly plan: Plan;
  readonly way?: Way;
}

const POSITION = 'compared';
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

function stepOf({ plan, calls, way, joined }: ComparePosition): CompareStep {
  const { create, update, unknown } = plan.totals;
  return {
    done: joined === BUCKETS,
    compared: plan.contacts,
    differing: create + update + unknown,
    calls,
    plan,
    ...(way && { way }),
  };
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
  if (!position().owed) await keep({ owed: [...(await options.owed())] });
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
  await lookUpContacts({
    account,
    rules,
    contactsIn: async function* (bucket) {
      for await (const contact of merged.read(bucket)) {
        yield contact;
        looked += 1;
      }
    },
    buckets,
    from: position().lookUps,
    onCheckpoint: async (next) => {
      await keep({ lookUps: next, calls: position().calls + looked });
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
  const { folder, account, rules, keyOf, signals } = options;
  const owed = new Set([...(position().owed ?? []), ...(await options.owed())]);
  const isOwed = (identifier: Differing['identifier']) => owed.size > 0 && owed.has(keyOf(identifier));
  const targets = targetsOf(await account.attributes.lookUp(attributesIn(rules)));
  await folder.write(COMPARED_BY, { rules, rulesVersion: rulesVersion(rules), targets } satisfies ComparedBy);
  const files = [
    ...DIFFERING_FILES.map((name) => new LineFile<Differing>(folder.file(name), folder.seal)),
    new LineFile<ReportLine>(reportInWork(folder)),
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
    const bucketOfBoth = { merged: merged.read(bucket), brevo: brevo.read(bucket), by, isOwed };
    for await (const compared of compareBucket({ ...bucketOfBoth, pages: fetched?.pages })) {
      plan = withComparison(plan, compared.comparison);
      const place = placeOf(compared);
      if (place !== undefined) lines[place]?.push(differingOf(compared));
      lines[REPORT]?.push(...reported(compared, keyOf));
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

/** How a comparison ended, or stands. */
export async function comparisonOf(folder: WorkFolder): Promise<CompareStep> {
  return stepOf((await folder.read<ComparePosition>(POSITION)) ?? BEGIN);
}

/** Index of the file for a contact that differs: withdrawals first. */
function placeOf({ comparison: { verdict, withdraws } }: Compared): number | undefined {
  if (verdict !== 'create' && verdict !== 'update' && verdict !== 'unknown') return undefined;
  return withdraws ? 0 : 1;
}

function differingOf({ merged, comparison, found }: Compared): Differing {
  const { identifier, organizationUserId } = merged;
  return {
    identifier,
    ...(organizationUserId !== undefined && { organizationUserId }),
    statements: statementsOf(comparison.state),
    ...(found && { found }),
  };
}

/** Contacts that are not submitted, and yet are not as the source says. */
function reported({ merged, comparison }: Compared, keyOf: CompareStepOptions['keyOf']): ReportLine[] {
  const { verdict, guarded, refused } = comparison;
  if (verdict !== 'skipped' && verdict !== 'guarded' && verdict !== 'rejected') return [];
  const reason = guarded ?? refused.map((one) => `${one.id ?? 'contact'}: ${one.reason}`).join('; ');
  const contactKey = keyOf(merged.identifier);
  return [{ contactKey, outcome: verdict, ...(reason !== '' && { reason }) }];
}
