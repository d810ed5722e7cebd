import { DRIFT_SIDES, type DriftSide, type ResyncDrift, type ResyncProgress } from './contract';
import { paceOf, shareOf } from './pace';

const BAR_LENGTH = 30;

const SIDES: Readonly<Record<DriftSide, string>> = {
  didomi: 'newer in Didomi',
  brevo: 'changed in Brevo',
  missing: 'unknown to Brevo',
  untold: 'cannot be told',
};

/** Which side moved away, for a person: `3 newer in Didomi, 8 changed in Brevo`. */
export function driftSentence(drift: ResyncDrift): string {
  const sides = DRIFT_SIDES.filter((side) => drift[side] > 0).map((side) => `${drift[side]} ${SIDES[side]}`);
  const stays = drift.guarded > 0 ? `; ${drift.guarded} of them rightly stay as they are` : '';
  return `${drift.differing} differed${sides.length > 0 ? `: ${sides.join(', ')}` : ''}${stays}`;
}

/** Current details of a run, in Markdown: what a person sees in the Temporal UI. @param now ms */
export function resyncDetails(progress: ResyncProgress, now: number): string {
  const { state, integration, phase, counts, drift, notes, waiting, failure, planOnly, rate } = progress;
  const share = shareOf(progress);
  const parts = [
    `**${state}** · ${integration} · ${planOnly ? 'plan: nothing is written · ' : ''}${phase}`,
    ...(share === undefined ? [] : [bar(progress, share, now)]),
    ...(waiting === undefined ? [] : [`**Waiting**: ${waiting}`]),
    ...(failure === undefined ? [] : [`**Failed**: ${failure}`]),
    ...(drift === undefined ? [] : [`**Drift**: ${driftSentence(drift)}`]),
    ...(rate === undefined ? [] : [`At most ${rate} contacts a second.`]),
    ...(notes ?? []).map((note) => `* ${note}`),
    table(Object.entries(counts)),
  ];
  const { plan } = progress;
  if (plan) parts.push(`Plan${plan.way === undefined ? '' : ` (${plan.way})`}`, table(Object.entries(plan)));
  return parts.join('\n\n');
}

function bar(progress: ResyncProgress, share: number, now: number): string {
  const { phase, counts } = progress;
  const { perSecond } = paceOf(progress, now);
  const full = Math.round(share * BAR_LENGTH);
  const drawn = '█'.repeat(full) + '░'.repeat(BAR_LENGTH - full);
  return [
    `\`${drawn}\` ${Math.floor(share * 100)} %`,
    ...(phase === 'submitting' || phase === 'ended' ? [`${counts.submitted} of ${counts.differing}`] : []),
    ...(perSecond === undefined ? [] : [`${perSecond.toFixed(1)}/s`]),
  ].join(' · ');
}

function table(rows: readonly (readonly [string, unknown])[]): string {
  const shown = rows.filter(([, value]) => typeof value === 'number');
  return ['| | |', '| --- | --- |', ...shown.map(([name, value]) => `| ${name} | ${value} |`)].join('\n');
}
