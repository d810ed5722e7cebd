import type { ContactSeed, RecipientAction } from '../../simulator';
import { SLOTS } from '../oracle/consents';
import type { Delivery, Json } from '../oracle/delivery';
import { consistentHistory } from '../oracle/histories';
import { withinLimits } from '../oracle/limits';
import type { Random } from '../oracle/random';
import { spelled } from '../oracle/wire';
import { ATTRIBUTES, attributeOf, LIST_ID, PATHS, REGULATIONS } from './account';

const DAY = 86_400;

/** What somebody does in Brevo, and says in Didomi afterwards. */
export interface ActInBrevo {
  readonly kind: NonNullable<RecipientAction['kind']>;
  /** Takes it back in Didomi, a moment later. */
  readonly comesBack: boolean;
}

/** Somebody whose consent is told. */
export interface Person {
  /** As Brevo knows it: an e-mail address in lower case, or a customer number. */
  readonly id: string;
  readonly kind: 'email' | 'ext_id';
  /** As Didomi spells it. */
  readonly organizationUserId: string;
  /** What Brevo holds of them before. */
  readonly seed?: ContactSeed;
  /** ms since 1970: an unsubscription that the seed tells of. */
  readonly unsubscribedAt?: number;
  readonly act?: ActInBrevo;
  /** In the order of arrival, some of them doubled. */
  readonly messages: readonly Json[];
}

/** @param number no two people have the same */
export function anyPerson(random: Random, marker: string, number: number, now: number): Person {
  const kind = random.chance(0.85) ? 'email' : 'ext_id';
  const id = kind === 'email' ? `${marker}.person${number}@example.com` : `C-${marker}-${number}`;
  const organizationUserId = kind === 'email' && random.chance(0.2) ? ` ${id.toUpperCase()} ` : id;
  const begin = Math.floor(now / 1000) - random.integer(30, 400) * DAY;
  const known = random.chance(0.4) ? knownContact(random, { id, kind }, begin) : {};
  const canAct = kind === 'email' && random.chance(0.25);
  return {
    id,
    kind,
    organizationUserId,
    ...known,
    ...(canAct && {
      act: {
        kind: random.pick(['userUnsubscription', 'userUnsubscription', 'complaint']),
        comesBack: random.chance(0.5),
      },
    }),
    messages: anyMessages(random, organizationUserId, begin, now),
  };
}

/** A contact that Brevo has before anything is told. */
function knownContact(
  random: Random,
  { id, kind }: Pick<Person, 'id' | 'kind'>,
  begin: number,
): Pick<Person, 'seed' | 'unsubscribedAt'> {
  const unsubscribed = random.chance(0.25);
  const unsubscribedAt = (begin + random.integer(-5, 12) * DAY) * 1000;
  const eventTime = new Date(unsubscribedAt).toISOString();
  const booleans = PATHS.filter((path) => ATTRIBUTES[attributeOf(path)] === 'boolean' && random.chance(0.3));
  return {
    seed: {
      ...(kind === 'email' ? { email: id } : { ext_id: id }),
      attributes: Object.fromEntries(booleans.map((path) => [attributeOf(path), random.chance(0.5)])),
      listIds: [random.pick([12, 31, LIST_ID])],
      createdAt: spelled(begin - 100 * DAY),
      emailBlacklisted: unsubscribed || random.chance(0.05),
      ...(unsubscribed && {
        statistics: {
          unsubscriptions: {
            userUnsubscription: [{ campaignId: 12, eventTime }],
            adminUnsubscription: [],
          },
        },
      }),
    },
    ...(unsubscribed && { unsubscribedAt }),
  };
}

/** A history of Didomi's: choices, patches, pending ones, several devices and regulations, late and doubled. */
function anyMessages(random: Random, organizationUserId: string, begin: number, now: number): Json[] {
  const history = consistentHistory(random, {
    acts: [2, 16],
    slots: SLOTS.length,
    organizationUserId,
    begin,
    receiptMatters: false,
  });
  const kept = withinLimits(history.map(({ message }) => asReceived(message, now)));
  const messages = kept.map(({ message }) => message);
  const arriving = random.chance(0.3) ? random.shuffled(messages) : messages;
  return random.chance(0.03) ? [...arriving, ...strange(random, organizationUserId)] : arriving;
}

/** What is not for us: it is answered with the reason. */
function strange(random: Random, organizationUserId: string): Json[] {
  const id = `strange-${random.integer(1, 1_000_000)}`;
  const entity = { id, created_at: '2026-03-04T09:00:00Z', consents: { purposes: [] } };
  return [
    { type: 'consent.exported', parameters: { entity: { id } } },
    {
      type: 'event.created',
      regulation: 'gdpr',
      parameters: { entity: { ...entity, user: { id: 'guest' } } },
    },
    {
      type: 'event.deleted',
      regulation: 'gdpr',
      parameters: { entity: { ...entity, user: { id: 'user-1', organization_user_id: organizationUserId } } },
    },
  ];
}

/** Somebody subscribes again, at this time in s since 1970. */
export function comesBack({ organizationUserId }: Person, at: number): Json {
  const time = spelled(at);
  return {
    type: 'event.created',
    regulation: 'gdpr',
    parameters: {
      entity: {
        id: `event-back-${at}`,
        created_at: time,
        updated_at: time,
        status: 'confirmed',
        user: { id: 'user-1', organization_user_id: organizationUserId },
        consents: { purposes: [{ id: 'newsletter', enabled: true }] },
      },
    },
  };
}

/** What is made of these messages does not depend on when they are received. */
export function asReceived(message: Json, now: number): Delivery {
  return { message, receivedAt: now, paths: PATHS, regulations: REGULATIONS };
}
