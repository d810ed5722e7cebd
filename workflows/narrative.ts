import type { BrevoValue } from '../consent/attribute';
import type { AttributeWrite, GuardReason } from '../consent/decide';
import { isPersonalPath } from '../consent/wish';
import type { CarriedState } from './contact-state';
import type { ConsentSyncStatus, Trouble, ValueInForce } from './story';

/** The words that a person reads in the Temporal UI and in `trace`. No personal data. */

const GUARD_REASONS: Record<GuardReason, string> = {
  later_unsubscription: 'Brevo knows an unsubscription or complaint that is not older than the opt-in',
  opt_in_time_unknown:
    'the time of the opt-in is unknown, and it was not consent-sync that put the contact on the blacklist',
  resubscribe_never: 'the integration says `resubscribe: never`',
};

export const MOVED_AWAY =
  'the Didomi user has another organization_user_id from then on: this contact is left as it is';

export function guardSentence(reason: GuardReason): string {
  return `stays on the blacklist: ${GUARD_REASONS[reason]}`;
}

/** @param at ms */
export function comparedSentence(at: number): string {
  return `compared with what the resync had read of Brevo at ${new Date(at).toISOString()}: no look-up of its own`;
}

/** For example `OPT_EMAIL → false, blacklist → on`. */
export function describeWrite(attributes: readonly AttributeWrite[], blacklist?: 'on' | 'off'): string {
  const parts = attributes.map(
    ({ id, value, personal }) => `${id} → ${personal ? 'set' : describeValue(value)}`,
  );
  if (blacklist) parts.push(`blacklist → ${blacklist}`);
  return limit(parts.join(', ') || 'nothing', 180);
}

function describeValue(value: BrevoValue): string {
  const text = Array.isArray(value) ? value.join('+') : String(value);
  return text === '' ? '(empty)' : limit(text, 40);
}

/** Current details of the workflow, in Markdown. */
export function currentDetails(status: ConsentSyncStatus, state: CarriedState): string {
  return [
    headline(status),
    ...waiting(state.held),
    ...waiting(state.question?.held),
    ...(state.question && !state.question.held
      ? ['**Asking Didomi** what holds, because something was deleted there']
      : []),
    ...status.rejected.map(
      (one) =>
        `**Refused** ${one.id ?? 'the contact'} since ${clock(one.since)} UTC: ${one.reason}${answerOf(one)}`,
    ),
    ...(status.guarded ? [`**Guarded**: the contact ${status.guarded}`] : []),
    valuesTable(status.inForce, state),
    callsTable(status),
  ].join('\n\n');
}

function waiting(held: Trouble | undefined): string[] {
  return held
    ? [
        `**Waiting for ${held.service ?? 'Brevo'}** since ${clock(held.since)} UTC: ${held.reason}${answerOf(held)}`,
      ]
    : [];
}

/** Names integration and identifier kind too: continue-as-new loses the workflow's static summary. */
function headline({ outcome, dryRun, events, integration, identifierKind }: ConsentSyncStatus): string {
  const word = outcome ?? 'working';
  const dry = dryRun ? ' (dry run: nothing was written)' : '';
  const received = events.length === 1 ? '1 event' : `${events.length} events`;
  return `**${word}**${dry} · ${integration}: contact by ${identifierKind} · ${received} received`;
}

function valuesTable(values: readonly ValueInForce[], state: CarriedState): string {
  if (values.length === 0) return 'Nothing is in force yet.';
  const rows = values.map(
    ({ at, asOf, eventId, ...shown }) =>
      `| ${shown.id} | ${describeConsent(shown)} | ${shownTime(at, asOf)} | ${shownEvent(eventId, state)} |`,
  );
  return ['| Brevo | In force | Chosen at (UTC) | From event |', '| --- | --- | --- | --- |', ...rows].join(
    '\n',
  );
}

function callsTable({ calls }: ConsentSyncStatus): string {
  if (calls.length === 0) return 'Brevo was not called yet.';
  const rows = calls
    .slice(-10)
    .map(({ at, activity, result }) => `| ${clock(at)} | ${activity} | ${cell(result)} |`);
  return ['| When (UTC) | Call | Result |', '| --- | --- | --- |', ...rows].join('\n');
}

function describeConsent({ value, path }: Pick<ValueInForce, 'value' | 'path'>): string {
  return isPersonalPath(path) ? 'set' : cell(describeValue(value));
}

function shownTime(at: string | null, asOf: string | undefined): string {
  if (at !== null) return clock(at);
  return asOf === undefined ? 'unknown' : `by ${clock(asOf)}`;
}

/** `2026-11-23 18:40:11` of an ISO 8601 time. */
function clock(iso: string): string {
  return iso.slice(0, 19).replace('T', ' ');
}

/** Keeps a value from ending its table cell. */
function cell(text: string): string {
  return text.replace(/[|\r\n]/g, ' ');
}

/** Event ids come from callers: one that could identify a person is shown as its hash. */
function shownEvent(eventId: string | null, { events }: CarriedState): string {
  if (eventId === null) return 'a record';
  const event = events.findLast((one) => one.eventId === eventId);
  return event ? `\`${event.eventKey}\`` : 'an earlier event';
}

function answerOf({
  status,
  code,
  requestId,
}: {
  status?: number;
  code?: string;
  requestId?: string;
}): string {
  const parts = [
    ...(status === undefined ? [] : [`HTTP ${status}`]),
    ...(code === undefined ? [] : [`code ${code}`]),
    ...(requestId === undefined ? [] : [`request ${requestId}`]),
  ];
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
}

function limit(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}
