import { onStderr as pc } from '../colours';
import type { Observation, Shown } from './observation';

/** What the view of a demo shows beside what is observed. */
export interface Surroundings {
  readonly uiUrl: string;
  readonly messages: number;
  /** What has happened, latest last. */
  readonly news: readonly string[];
}

/** In the order in which they are shown. */
const PAINTS: readonly (readonly [Shown, (text: string) => string])[] = [
  ['created', pc.green],
  ['updated', pc.cyan],
  ['unchanged', pc.blue],
  ['skipped', pc.dim],
  ['stale', pc.dim],
  ['guarded', pc.yellow],
  ['rejected', pc.magenta],
  ['held', pc.red],
  ['working', pc.white],
];
const BAR = 40;
const SHOWN_NEWS = 4;
const SPARKS = '▁▂▃▄▅▆▇█';
/** The height of a full spark, in calls a second. */
const FULL_SPARK = 10;
/** Over so many seconds the rate is a mean. */
const RATE_SECONDS = 3;

/** The view of a running demo, line by line. */
export function picture(seen: Observation, { uiUrl, messages, news }: Surroundings): string[] {
  const settled = settledContacts(seen);
  return [
    '',
    `  ${pc.bold('consent-sync demo')}  ${pc.dim(clock(seen.seconds))}   Temporal UI ${pc.underline(uiUrl)}`,
    '',
    `  Didomi  ${bar(seen.sent, messages)} ${seen.sent} of ${messages} messages sent`,
    `  Brevo   ${outcomeBar(seen)} ${settled} of ${seen.contacts} contacts settled`,
    '',
    `  ${legend(seen)}`,
    '',
    `  Calls   ${sparkline(seen.callsEachSecond)} ${rate(seen.callsEachSecond).toFixed(1)}/s`,
    `          ${pc.dim(describeCalls(seen))}`,
    '',
    ...news.slice(-SHOWN_NEWS).map((line) => `  ${line}`),
    '',
  ];
}

/** The same in one line, for a log. */
export function progressLine(seen: Observation, messages: number): string {
  const held = seen.outcomes.get('held') ?? 0;
  const { all } = seen.calls;
  return [
    `${clock(seen.seconds)}  ${seen.sent} of ${messages} messages sent`,
    `${settledContacts(seen)} of ${seen.contacts} contacts settled`,
    `${all} Brevo calls (${rate(seen.callsEachSecond).toFixed(1)}/s)`,
    `${held} held`,
  ].join(', ');
}

export function clock(seconds: number): string {
  const whole = Math.floor(seconds);
  return `${String(Math.floor(whole / 60)).padStart(2, '0')}:${String(whole % 60).padStart(2, '0')}`;
}

function settledContacts({ outcomes }: Observation): number {
  return [...outcomes].reduce((sum, [shown, count]) => sum + (isOpen(shown) ? 0 : count), 0);
}

function isOpen(shown: Shown): boolean {
  return shown === 'working' || shown === 'held';
}

function bar(done: number, all: number): string {
  const full = all === 0 ? 0 : Math.floor((done / all) * BAR);
  return pc.green('█'.repeat(full)) + pc.dim('░'.repeat(BAR - full));
}

/** One colour an outcome, in proportion; what is still open stays empty. */
function outcomeBar({ outcomes, contacts }: Observation): string {
  let drawn = 0;
  let counted = 0;
  const parts = PAINTS.filter(([shown]) => shown !== 'working').map(([shown, paint]) => {
    counted += outcomes.get(shown) ?? 0;
    const end = contacts === 0 ? 0 : Math.min(BAR, Math.floor((counted / contacts) * BAR));
    const length = end - drawn;
    drawn = end;
    return paint((shown === 'held' ? '▒' : '█').repeat(length));
  });
  return parts.join('') + pc.dim('░'.repeat(BAR - drawn));
}

function legend({ outcomes }: Observation): string {
  const parts = PAINTS.flatMap(([shown, paint]) => {
    const count = outcomes.get(shown) ?? 0;
    return count === 0 ? [] : [`${paint('■')} ${shown} ${pc.bold(String(count))}`];
  });
  return parts.join('  ');
}

function sparkline(counts: readonly number[]): string {
  const sparks = counts.slice(-BAR).map((count) => {
    const height = Math.min(SPARKS.length - 1, Math.floor((count / FULL_SPARK) * (SPARKS.length - 1)));
    return count === 0 ? ' ' : SPARKS[height];
  });
  return pc.cyan(sparks.join('').padEnd(BAR));
}

function rate(counts: readonly number[]): number {
  const recent = counts.slice(-RATE_SECONDS);
  return recent.length === 0 ? 0 : recent.reduce((sum, count) => sum + count, 0) / recent.length;
}

function describeCalls({ calls }: Observation): string {
  const { all, lookUps, creates, updates, failed } = calls;
  return `${all} calls: ${lookUps} reads, ${creates} creates, ${updates} updates; ${failed} of them failed`;
}
