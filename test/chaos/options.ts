import { parseArgs } from 'node:util';

export const ENGINES = ['auto', 'native', 'embedded'] as const;

export interface ChaosOptions {
  /** How long things break, in minutes. What comes before and after takes its own time. */
  readonly minutes: number;
  readonly seed: number;
  /** `auto`: native where its programs are there or can be built, else embedded. */
  readonly engine: (typeof ENGINES)[number];
  /** Messages a second. */
  readonly rate: number;
  /** Keep the folder with the logs also when all is well. */
  readonly keep: boolean;
}

export const USAGE = `Usage: npm run chaos -- [--minutes N] [--seed S] [--engine auto|native|embedded] [--rate R] [--keep]

Runs ingestion, two workers, Temporal with its database and a simulated Brevo as real processes, sends messages as
Didomi does, and kills and restarts all of them meanwhile. Then everything is left alone, and what Brevo holds is
compared with what an independent oracle says. Exit code 1 when anything is lost, wrong, stuck or leaked.

  --minutes N   how long things break; default 1
  --seed S      of everything that is drawn at random; default: one at random, which is printed
  --engine      auto (default): native where PostgreSQL and Go, or the built programs, are there; else embedded
  --rate R      messages a second; default 20
  --keep        keeps the logs also when all is well`;

/** @throws Error in plain language */
export function readOptions(args: readonly string[]): ChaosOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      minutes: { type: 'string', default: '1' },
      seed: { type: 'string' },
      engine: { type: 'string', default: 'auto' },
      rate: { type: 'string', default: '20' },
      keep: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const engine = ENGINES.find((one) => one === values.engine);
  if (engine === undefined) throw new Error(`--engine must be one of ${ENGINES.join(', ')}`);
  return {
    minutes: positive('--minutes', values.minutes),
    seed: values.seed === undefined ? anySeed() : whole('--seed', values.seed),
    engine,
    rate: positive('--rate', values.rate),
    keep: values.keep,
  };
}

function anySeed(): number {
  return Math.floor(Math.random() * 1_000_000);
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!(value > 0 && Number.isFinite(value))) throw new Error(`${name} must be a number above 0`);
  return value;
}

function whole(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new Error(`${name} must be a whole number`);
  return value;
}
