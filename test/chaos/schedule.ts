import type { Json } from '../oracle/delivery';
import type { Random } from '../oracle/random';
import { anyPerson, type Person } from './people';

/** Something that happens at a time, in ms after the beginning. */
export type Step =
  | { readonly due: number; readonly kind: 'send'; readonly person: Person; readonly message: Json }
  | { readonly due: number; readonly kind: 'act'; readonly person: Person };

export interface Schedule {
  readonly people: readonly Person[];
  /** In the order of their times. */
  readonly steps: readonly Step[];
}

/** How long a person's messages may lie apart, in ms. */
const GAPS = [0, 0, 50, 300, 1_000, 4_000, 15_000] as const;

/** As many messages as are asked for, and no more than fit, spread over the time. */
export function writeSchedule(
  random: Random,
  marker: string,
  { messages, ms, now }: { readonly messages: number; readonly ms: number; readonly now: number },
): Schedule {
  const people: Person[] = [];
  const steps: Step[] = [];
  let count = 0;
  while (count < messages) {
    const person = anyPerson(random, marker, people.length, now);
    people.push(person);
    count += person.messages.length;
    const begin = random.next() * ms;
    let due = begin;
    for (const message of person.messages) {
      due += random.pick(GAPS);
      // What would come after the end comes at any time before it.
      steps.push({ due: due < ms ? due : random.next() * ms, kind: 'send', person, message });
    }
    if (person.act) steps.push({ due: begin + random.next() * (ms - begin), kind: 'act', person });
  }
  return { people, steps: steps.sort((a, b) => a.due - b.due) };
}
