import type { Simulator } from '../../simulator';
import type { Json } from '../oracle/delivery';
import { pause } from './pause';
import { comesBack, type Person } from './people';
import type { Schedule } from './schedule';
import type { Sender } from './sender';

/** From an act in Brevo to what follows of it in Didomi, in s: later than the second of the act. */
const COMES_BACK_AFTER_S = 2;
const ARRIVES_AFTER_MS = 3_000;

/** What was said and done in a run. */
export class Story {
  /** By person: what was handed to the sender. */
  readonly messages = new Map<Person, Json[]>();
  /** By person: whole s since 1970 of what they did in Brevo. */
  readonly acts = new Map<Person, number[]>();

  say(person: Person, message: Json): void {
    this.messages.set(person, [...(this.messages.get(person) ?? []), message]);
  }

  act(person: Person, at: number): void {
    this.acts.set(person, [...(this.acts.get(person) ?? []), at]);
  }
}

/** Carries a schedule out, in its time. Resolves when everything is handed to the sender. */
export async function carryOut({ steps }: Schedule, sender: Sender, simulator: Simulator): Promise<Story> {
  const story = new Story();
  const begun = performance.now();
  const later: Promise<void>[] = [];
  const send = (person: Person, message: Json) => {
    story.say(person, message);
    sender.send({ person, message });
  };
  for (const step of steps) {
    const wait = step.due - (performance.now() - begun);
    if (wait > 0) await pause(wait);
    const { person } = step;
    if (step.kind === 'send') {
      send(person, step.message);
      continue;
    }
    const at = actInBrevo(person, simulator);
    if (at === undefined) continue;
    story.act(person, at);
    if (!person.act?.comesBack) continue;
    const message = comesBack(person, at + COMES_BACK_AFTER_S);
    later.push(pause(ARRIVES_AFTER_MS).then(() => send(person, message)));
  }
  await Promise.all(later);
  return story;
}

/** @returns when, in whole s since 1970; undefined when Brevo has no such contact yet */
function actInBrevo({ id, act }: Person, simulator: Simulator): number | undefined {
  if (!act || !simulator.contact({ email: id })) return undefined;
  const at = Date.now();
  simulator.unsubscribe({ email: id, kind: act.kind, at: new Date(at).toISOString() });
  return Math.floor(at / 1000);
}
