import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Fault, type Figures, fuzz } from './campaign';
import { Judge } from './judge';
import { TARGETS } from './targets';

const USAGE = `Usage: npm run fuzz -- [--inputs N] [--seed S] [--target NAME] [--input FILE] [--out FOLDER]

Gives every parser inputs that are wrong, hostile or just right, and looks for what it must not do: fail otherwise than
it says, change a built-in prototype, take long or much memory, repeat what may be personal in an error. Exit code 1 when
a fault was found; the input that shows it is saved.

  --inputs N     in all, shared out among the targets; default 200,000
  --seed S       the same seed gives the same inputs; default: one at random, which is printed
  --target NAME  only this one: ${TARGETS.map(({ name }) => name).join(', ')}
  --input FILE   only this input, with --target
  --out FOLDER   where inputs with faults are saved; default: the current folder`;

export async function main(args: readonly string[]): Promise<void> {
  try {
    process.exitCode = await run(args);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 2;
  }
}

async function run(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      inputs: { type: 'string', default: '200000' },
      seed: { type: 'string' },
      target: { type: 'string' },
      input: { type: 'string' },
      out: { type: 'string', default: '.' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const targets = TARGETS.filter(({ name }) => values.target === undefined || name === values.target);
  if (targets.length === 0) throw new Error(`There is no target of that name.\n\n${USAGE}`);
  if (values.input !== undefined) return again(targets[0], values.input);
  const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : whole('--seed', values.seed);
  const inputs = whole('--inputs', values.inputs);
  console.log(`seed ${seed}`);
  const shares = targets.reduce((sum, { share = 1 }) => sum + share, 0);
  const all: Figures[] = [];
  const faults: Fault[] = [];
  for (const target of targets) {
    const own = Math.ceil((inputs * (target.share ?? 1)) / shares);
    const { figures, fault } = await fuzz(target, {
      inputs: own,
      seed,
      onProgress: (so) => tell(`${so.target}: ${so.inputs} of ${own}, ${perSecond(so)} a second`),
    });
    tell('');
    console.log(rowOf(figures));
    all.push(figures);
    if (fault) {
      faults.push(fault);
      console.error(describe(fault, save(fault, seed, values.out)));
    }
  }
  console.log(`\n${tableOf(all)}`);
  const { maxRSS } = process.resourceUsage();
  console.log(`\nseed ${seed}, ${faults.length} faults, ${Math.round(maxRSS / 1_024)} MiB at most`);
  return faults.length === 0 ? 0 : 1;
}

/** An input that was saved. */
async function again(target: (typeof TARGETS)[number] | undefined, file: string): Promise<number> {
  const { understood, took } = await new Judge().verdict(target ?? fail(), readFileSync(file));
  console.log(`${understood ? 'understood' : 'refused'} in ${took.toFixed(1)} ms`);
  return 0;
}

function fail(): never {
  throw new Error('--input needs --target.');
}

function save({ target, minimal, input }: Fault, seed: number, out: string): string {
  const file = resolve(join(out, `fuzz-${target}-${seed}.input`));
  writeFileSync(file, minimal.length < input.length ? minimal : input);
  return file;
}

function describe({ target, error, minimal }: Fault, file: string): string {
  const shown = JSON.stringify(minimal.subarray(0, 400).toString('latin1'));
  return `FAULT in ${target}: ${error.stack}\n  input (${minimal.length} bytes, ${file}): ${shown}`;
}

const HEAD = ['target', 'inputs', 'understood', 'refused', 'inputs/s', 'bytes, mean', 'slowest, ms'];

function cellsOf(one: Figures): string[] {
  const mean = Math.round(one.bytes / Math.max(one.inputs, 1));
  const counts = [one.inputs, one.understood, one.refused, perSecond(one), mean];
  return [one.target, ...counts.map((count) => count.toLocaleString('en')), one.slowestMs.toFixed(1)];
}

function rowOf(one: Figures): string {
  return `| ${cellsOf(one).join(' | ')} |`;
}

function tableOf(all: readonly Figures[]): string {
  const sum = (of: (one: Figures) => number) => all.reduce((total, one) => total + of(one), 0);
  const total: Figures = {
    target: 'all',
    inputs: sum((one) => one.inputs),
    understood: sum((one) => one.understood),
    refused: sum((one) => one.refused),
    bytes: sum((one) => one.bytes),
    slowestMs: Math.max(...all.map((one) => one.slowestMs)),
    seconds: sum((one) => one.seconds),
  };
  const line = HEAD.map((_, index) => (index === 0 ? '---' : '---:'));
  return [`| ${HEAD.join(' | ')} |`, `| ${line.join(' | ')} |`, ...all.map(rowOf), rowOf(total)].join('\n');
}

function perSecond({ inputs, seconds }: Figures): number {
  return Math.round(inputs / Math.max(seconds, 0.001));
}

/** On a terminal, one line that is written over. */
function tell(line: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${line}`);
  else if (line !== '') process.stderr.write(`${line}\n`);
}

function whole(name: string, text: string): number {
  const value = Number(text.replaceAll('_', ''));
  if (!Number.isSafeInteger(value) || value < 0) throw new Error(`${name} must be a whole number`);
  return value;
}
