import { describe, expect, it } from '@jest/globals';
import type { BlacklistMemory, Contact, Target } from '../../consent/contact';
import { type Action, decide, type Situation } from '../../consent/decide';
import { BLACKLIST_FLAG } from '../../consent/rules';
import type { Wish } from '../../consent/wish';
import { Random } from '../oracle/random';
import { SEED } from '../support/seed';

const cases = Number(process.env.PROPERTY_CASES ?? 10_000);

const TARGETS: readonly Target[] = [
  { id: 'NEWS', name: 'NEWS', type: { kind: 'boolean' } },
  { id: 'TOPICS', name: 'TOPICS', type: { kind: 'text' } },
];

function anySituation(random: Random): Situation {
  const time = () => (random.chance(0.7) ? { time: random.integer(1, 5) } : { asOf: random.integer(1, 5) });
  const wish = (id: string, value: Wish['value']): Wish[] =>
    random.chance(0.8) ? [{ id, path: id, inForce: { value: value ?? true, ...time() }, value }] : [];
  const contact: Contact | null = random.chance(0.3)
    ? null
    : {
        id: 1,
        emailBlacklisted: random.chance(0.5),
        attributes: {
          ...(random.chance(0.6) && { NEWS: random.chance(0.5) }),
          ...(random.chance(0.6) && { TOPICS: random.pick(['sport', 'culture']) }),
        },
      };
  const on = {
    since: random.integer(1, 5),
    byUs: random.chance(0.5),
    ...(random.chance(0.3) && { carried: true as const }),
  };
  const memory: BlacklistMemory = {
    own: [],
    ...((contact ? contact.emailBlacklisted : random.chance(0.5)) && { on }),
    ...(random.chance(0.2) && { refusedOptIn: random.integer(1, 5) }),
    ...(random.chance(0.1) && { clearingBegun: true as const }),
  };
  return {
    wishes: [
      ...wish('NEWS', random.chance(0.5)),
      ...wish('TOPICS', random.pick(['sport', 'culture'])),
      ...wish(BLACKLIST_FLAG, random.chance(0.5)),
    ],
    contact,
    targets: TARGETS,
    memory,
    anew: new Set(random.some(['NEWS', 'TOPICS', BLACKLIST_FLAG], 0, 3).filter(() => random.chance(0.5))),
    rules: {
      upsertMode: random.chance(0.7),
      identifier: random.chance(0.9) ? 'email' : 'contact_id',
      resubscribe: random.pick(['newer', 'newer', 'always', 'never']),
    },
  };
}

/** What Brevo holds once it did as told; a clearing is granted unless Brevo knows a later unsubscription. */
function afterwards(contact: Contact | null, action: Action, cleared: boolean): Contact | null {
  if (action.kind === 'none') return contact;
  const attributes = Object.fromEntries(action.attributes.map(({ name, value }) => [name, value]));
  const before = contact ?? { id: 1, emailBlacklisted: false, attributes: {} };
  const blacklisted = action.kind === 'clear' ? !cleared : action.blacklist || before.emailBlacklisted;
  return {
    ...before,
    attributes: { ...before.attributes, ...attributes },
    emailBlacklisted: action.kind === 'clear' ? blacklisted && before.emailBlacklisted : blacklisted,
  };
}

/** What must be true of the blacklist in the end, where a clearing is granted. */
function mustBeBlacklisted({ wishes, contact, memory, rules }: Situation): boolean {
  const flag = wishes.find(({ id }) => id === BLACKLIST_FLAG);
  const was = contact ? contact.emailBlacklisted : memory.on !== undefined;
  if (flag === undefined || !was) return flag ? flag.value === false : was;
  if (flag.value === false) return true;
  if (rules.resubscribe === 'never') return true;
  if (rules.resubscribe === 'always') return false;
  const { time } = flag.inForce;
  const putThereByUs = memory.on?.byUs === true;
  // Brevo lost what it knew of this contact: only an opt-in that is known to be later overcomes our memory of it.
  if (!contact || memory.on?.carried) {
    const later = time !== undefined && time > (memory.on?.since ?? 0);
    return !(later && (!contact || time !== memory.refusedOptIn));
  }
  return time === undefined ? !putThereByUs : time === memory.refusedOptIn;
}

describe(`whatever is wished, held and remembered: ${cases} situations (seed ${SEED})`, () => {
  const situations = Array.from({ length: cases }, (_, index) => anySituation(new Random(SEED + index)));
  const mayNotCreate = ({ contact, rules, wishes }: Situation) =>
    !contact && (!rules.upsertMode || rules.identifier === 'contact_id' || wishes.length === 0);

  it.each([true, false])('Brevo ends with what is in force, a clearing being granted: %j', (cleared) => {
    for (const [index, situation] of situations.entries()) {
      const end = afterwards(situation.contact, decide(situation).action, cleared);
      const about = { seed: SEED + index, situation };
      if (mayNotCreate(situation)) {
        expect({ ...about, end }).toEqual({ ...about, end: null });
        continue;
      }
      for (const { id, value } of situation.wishes) {
        if (id !== BLACKLIST_FLAG) {
          expect({ ...about, id, value: end?.attributes[id] }).toEqual({ ...about, id, value });
        }
      }
      const must = mustBeBlacklisted(situation);
      const refused = !cleared && !must && situation.contact?.emailBlacklisted === true;
      expect({ ...about, blacklisted: end?.emailBlacklisted }).toEqual({
        ...about,
        blacklisted: refused || must,
      });
    }
  });

  it('once Brevo holds it, nothing is left to do', () => {
    for (const situation of situations) {
      const end = afterwards(situation.contact, decide(situation).action, true);
      const { clearingBegun: _, on, ...rest } = situation.memory;
      // As the workflow remembers it: why a contact that it created again is on the blacklist.
      const memory = {
        ...rest,
        ...(on && { on: situation.contact ? on : { ...on, carried: true as const } }),
      };
      const again = decide({ ...situation, contact: end, memory, anew: new Set() });
      expect({ situation, kind: again.action.kind }).toEqual({ situation, kind: 'none' });
    }
  });
});
