import { type ConsentState, inForce, mergeStates } from '../consent/consent-state';
import { ledgerOf } from '../consent/contact-ledger';
import type { InForce } from '../consent/in-force';
import type { Rules } from '../consent/rules';
import { type Seconds, toSeconds } from '../consent/statement';
import type { DriftSide } from '../workflows/resync/contract';
import type { BrevoLine } from './brevo-line';
import type { Comparison } from './compare';

/**
 * Why a contact differs, as far as that can be told without asking anybody once more: which side moved away from what
 * both agreed on.
 *
 * Where the contact has a ledger, that tells what Brevo was last told: a value that it holds already was changed in
 * Brevo since. Else times tell: what Didomi has had since before Brevo's contact was last changed would have been written
 * by then. Brevo dates the contact as a whole, so that a choice which was missed counts as Brevo's change when something
 * else of the contact was edited later.
 *
 * @param found undefined: it is not known what Brevo holds
 * @param now ms
 */
export function sideOf(
  { changes, state }: Pick<Comparison, 'changes' | 'state'>,
  found: Pick<BrevoLine, 'contact' | 'modifiedAt'> | undefined,
  rules: Rules,
  now: number,
): DriftSide {
  if (!found) return 'untold';
  if (!found.contact) return 'missing';
  const differing = changedPaths(changes, rules);
  // Nothing but the ledger lacks what Didomi says.
  if (differing.length === 0) return 'didomi';
  const ledger = ledgerOf(found.contact, rules, state, now).state;
  const known = mergeStates(state, ledger);
  const answers = differing.map((path) => sideOfPath(path, { known, ledger, found }));
  return SIDES_THAT_DECIDE.find((side) => answers.includes(side)) ?? 'untold';
}

/** Of a contact that differs in several ways the first of these counts. */
const SIDES_THAT_DECIDE = ['didomi', 'brevo'] as const;

interface Told {
  /** All that is known. */
  readonly known: ConsentState;
  readonly ledger: ConsentState;
  readonly found: Pick<BrevoLine, 'modifiedAt'>;
}

function sideOfPath(path: string, { known, ledger, found: { modifiedAt } }: Told): DriftSide {
  const said = inForce(known, path);
  if (!said) return 'untold';
  const noted = inForce(ledger, path);
  if (noted) return noted.value === said.value ? 'brevo' : 'didomi';
  const since = knownSince(said, known, path);
  if (modifiedAt === undefined || since === undefined) return 'untold';
  return toSeconds(modifiedAt) > since ? 'brevo' : 'didomi';
}

/** Since when Didomi has had what is in force; at the latest, where only a record says so. */
function knownSince(
  { eventId, asOf, time }: InForce,
  known: ConsentState,
  path: string,
): Seconds | undefined {
  const choices = known.filter((one) => one.path === path).flatMap((one) => one.choices);
  const choice = eventId === undefined ? undefined : choices.find((one) => one.eventId === eventId);
  return choice?.known ?? asOf ?? time;
}

function changedPaths(changes: readonly string[], { mappings }: Rules): string[] {
  return [...new Set(mappings.filter(({ id }) => changes.includes(id)).map(({ value }) => value))];
}
