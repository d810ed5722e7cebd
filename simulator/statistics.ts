import type { CampaignEvent, Statistics } from './contact';
import { invalidParameter } from './errors';

const DAY_MS = 86_400_000;
/** Seen in Brevo's API reference: without dates the statistics cover the recent 90 days. */
const DEFAULT_DAYS = 90;

/** A span of time in milliseconds since the epoch, both ends included. */
export interface Window {
  readonly from: number;
  readonly to: number;
}

/**
 * The span that `startDate` and `endDate` (YYYY-MM-DD, both or neither, not later than today) name: whole UTC days
 * (inferred), else the recent 90 days.
 *
 * @param maxDays longest span in days; 0 = any
 */
export function windowOf(query: URLSearchParams, now: number, maxDays: number): Window {
  const start = query.get('startDate');
  const end = query.get('endDate');
  if (start === null && end === null)
    return { from: now - DEFAULT_DAYS * DAY_MS, to: Number.MAX_SAFE_INTEGER };
  if (start === null || end === null) throw invalidParameter('startDate and endDate are both required');
  const from = dayStart(start, 'startDate');
  const to = dayStart(end, 'endDate');
  if (from > to) throw invalidParameter('startDate must be lower than or equal to endDate');
  if (to > now) throw invalidParameter('endDate must not be greater than the current date');
  if (maxDays > 0 && to - from > maxDays * DAY_MS) {
    throw invalidParameter(`The range between startDate and endDate must not exceed ${maxDays} days`);
  }
  return { from, to: to + DAY_MS - 1 };
}

function dayStart(text: string, name: string): number {
  const ms = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(ms)) throw invalidParameter(`${name} should be a date in the format YYYY-MM-DD`);
  return ms;
}

/** What of the statistics lies in the window; kinds of event without any are left out, so `{}` without history. */
export function statisticsIn(statistics: Statistics, window: Window): Statistics {
  const { clicked, unsubscriptions, ...lists } = statistics;
  const kept: Record<string, unknown> = {};
  for (const [kind, events] of Object.entries(lists)) {
    const inside = eventsIn(events ?? [], window);
    if (inside.length > 0) kept[kind] = inside;
  }
  const clicks = (clicked ?? [])
    .map((click) => ({ ...click, links: eventsIn(click.links, window) }))
    .filter((click) => click.links.length > 0);
  if (clicks.length > 0) kept.clicked = clicks;
  const userUnsubscription = eventsIn(unsubscriptions?.userUnsubscription ?? [], window);
  const adminUnsubscription = eventsIn(unsubscriptions?.adminUnsubscription ?? [], window);
  if (userUnsubscription.length + adminUnsubscription.length > 0) {
    kept.unsubscriptions = { userUnsubscription, adminUnsubscription };
  }
  return kept;
}

function eventsIn<Event extends { readonly eventTime: string }>(
  events: readonly Event[],
  window: Window,
): Event[] {
  return events.filter(({ eventTime }) => {
    const at = Date.parse(eventTime);
    return at >= window.from && at <= window.to;
  });
}

/** The statistics with one more unsubscription. */
export function withUnsubscription(
  statistics: Statistics,
  kind: 'userUnsubscription' | 'adminUnsubscription',
  event: CampaignEvent,
): Statistics {
  const earlier = statistics.unsubscriptions ?? { userUnsubscription: [], adminUnsubscription: [] };
  return { ...statistics, unsubscriptions: { ...earlier, [kind]: [...earlier[kind], event] } };
}

/** The statistics with one more spam complaint or bounce. */
export function withEvent(
  statistics: Statistics,
  kind: 'complaints' | 'hardBounces' | 'softBounces',
  event: CampaignEvent,
): Statistics {
  return { ...statistics, [kind]: [...(statistics[kind] ?? []), event] };
}
