import type { ContactSeed } from '../../simulator';
import { Random } from './random';
import { type Cast, type Plot, STORIES, type Step, type Story } from './stories';

/** Everything that happens in a demo, in the order of arrival. */
export interface Script {
  readonly seed: number;
  /** What Brevo holds before. */
  readonly contacts: readonly ContactSeed[];
  readonly steps: readonly Step[];
  /** Webhook messages in all steps. */
  readonly messages: number;
}

const HOUR = 3_600_000;
/** Shares of the deliveries. */
const LATE = 0.08;
const TWICE = 0.07;
const BUNDLED = 0.06;

const FIRST_NAMES = [
  'ana',
  'ben',
  'chloe',
  'david',
  'emma',
  'felix',
  'gaelle',
  'hugo',
  'ines',
  'jules',
] as const;
const LAST_NAMES = [
  'martin',
  'bernard',
  'dubois',
  'moreau',
  'laurent',
  'garcia',
  'weber',
  'rossi',
  'novak',
] as const;

/**
 * Writes a demo: people whose stories mix, some deliveries late, some doubled, some bundled.
 *
 * @param messages about how many; at least as many as it takes to tell each story once
 * @param now ms since 1970
 */
export function writeScript(seed: number, messages: number, now: number): Script {
  const random = new Random(seed);
  const plots = writePlots(random, messages, now);
  const mixed = deliverTwice(random, deliverLate(random, mix(random, plots)));
  const steps = bundle(random, mixed);
  return {
    seed,
    contacts: plots.flatMap((plot) => plot.seed ?? []),
    steps,
    messages: countMessages(steps),
  };
}

export function countMessages(steps: readonly Step[]): number {
  return steps.reduce((sum, step) => sum + (step.kind === 'webhook' ? step.messages.length : 0), 0);
}

function writePlots(random: Random, messages: number, now: number): Plot[] {
  const plots = STORIES.map(([, story], index) => story(castOf(random, index, now)));
  const enough = messages / (1 + TWICE);
  while (plots.reduce((sum, { steps }) => sum + countMessages(steps), 0) < enough) {
    plots.push(pickStory(random)(castOf(random, plots.length, now)));
  }
  return plots;
}

function castOf(random: Random, number: number, now: number): Cast {
  const email = `${random.pick(FIRST_NAMES)}.${random.pick(LAST_NAMES)}${number}@example.com`;
  return { random, email, number, at: now - random.int(4, 60) * HOUR - random.int(0, 3_000) * 1_000, now };
}

function pickStory(random: Random): Story {
  const total = STORIES.reduce((sum, [weight]) => sum + weight, 0);
  let left = random.next() * total;
  for (const [weight, story] of STORIES) {
    left -= weight;
    if (left < 0) return story;
  }
  throw new Error('there is no story');
}

/** Each plot keeps its order. */
function mix(random: Random, plots: readonly Plot[]): Step[] {
  const queues = plots.map(({ steps }) => [...steps]);
  const mixed: Step[] = [];
  for (let left = queues.flat().length; left > 0; left -= 1) {
    let nth = random.int(1, left);
    const queue = queues.find((steps) => {
      nth -= steps.length;
      return nth <= 0;
    });
    const step = queue?.shift();
    if (step) mixed.push(step);
  }
  return mixed;
}

function deliverLate(random: Random, steps: readonly Step[]): Step[] {
  const late = steps.map((step, place) => {
    const isLate = step.kind === 'webhook' && random.chance(LATE);
    return { step, place: isLate ? place + random.int(15, 80) : place };
  });
  return late.sort((a, b) => a.place - b.place).map(({ step }) => step);
}

function deliverTwice(random: Random, steps: readonly Step[]): Step[] {
  const twice = steps.flatMap((step, place) => {
    const isDoubled = step.kind === 'webhook' && random.chance(TWICE);
    return [{ step, place }, ...(isDoubled ? [{ step, place: place + random.int(1, 60) }] : [])];
  });
  return twice.sort((a, b) => a.place - b.place).map(({ step }) => step);
}

/** Some webhooks bring several messages at once. */
function bundle(random: Random, steps: readonly Step[]): Step[] {
  const bundled: Step[] = [];
  for (const step of steps) {
    const last = bundled.at(-1);
    if (step.kind === 'webhook' && last?.kind === 'webhook' && random.chance(BUNDLED)) {
      bundled[bundled.length - 1] = { kind: 'webhook', messages: [...last.messages, ...step.messages] };
    } else {
      bundled.push(step);
    }
  }
  return bundled;
}
