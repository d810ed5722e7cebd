import type { ResyncProgress } from './contract';

const BAR_LENGTH = 30;

/** Current details of a run, in Markdown: what a person sees in the Temporal UI. @param now ms */
export function resyncDetails(progress: ResyncProgress, now: number): string {
  const { state, integration, phase, counts, notes, waiting, failure, planOnly, rate } = progress;
  const parts = [
    `**${state}** · ${integration} · ${planOnly ? 'plan: nothing is written · ' : ''}${phase}`,
    ...(phase === 'submitting' || counts.submitted > 0 ? [bar(progress, now)] : []),
    ...(waiting === undefined ? [] : [`**Waiting**: ${waiting}`]),
    ...(failure === undefined ? [] : [`**Failed**: ${failure}`]),
    ...(rate === undefined ? [] : [`At most ${rate} contacts a second.`]),
    ...(notes ?? []).map((note) => `* ${note}`),
    table(Object.entries(counts)),
  ];
  const { plan } = progress;
  if (plan) parts.push(`Plan${plan.way === undefined ? '' : ` (${plan.way})`}`, table(Object.entries(plan)));
  return parts.join('\n\n');
}

function bar({ counts: { submitted, differing }, submittingSince }: ResyncProgress, now: number): string {
  const share = differing === 0 ? 1 : Math.min(1, submitted / differing);
  const full = Math.round(share * BAR_LENGTH);
  const seconds = submittingSince ? (now - submittingSince.at) / 1000 : 0;
  const rate =
    submittingSince && seconds > 0
      ? ` · ${((submitted - submittingSince.submitted) / seconds).toFixed(1)}/s`
      : '';
  const drawn = '█'.repeat(full) + '░'.repeat(BAR_LENGTH - full);
  return `\`${drawn}\` ${Math.floor(share * 100)} % · ${submitted} of ${differing}${rate}`;
}

function table(rows: readonly (readonly [string, unknown])[]): string {
  const shown = rows.filter(([, value]) => typeof value === 'number');
  return ['| | |', '| --- | --- |', ...shown.map(([name, value]) => `| ${name} | ${value} |`)].join('\n');
}
