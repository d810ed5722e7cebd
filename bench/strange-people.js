// People of whom Didomi's export tells in all the ways that it may, with what Brevo holds before, and, worked out apart
// from consent-sync, what it has to hold in the end.

const { mkdirSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { gzipSync } = require('node:zlib');

const DAY_MS = 86_400_000;

const OPT_IN = { attribute: true, blacklisted: false };
const OPT_OUT = { attribute: false, blacklisted: true };
/** What the person chose later is written, and yet no mail is sent: they unsubscribed in Brevo after that. */
const STAYS_BLACKLISTED = { attribute: true, blacklisted: true };

/**
 * Each kind: what Didomi says (`days` before today, Didomi user, value; `chosen`: with the choice and its time), what
 * Brevo holds before, when it knows an unsubscription, and what it has to hold in the end.
 */
const KINDS = [
  { says: [[2, 'a', false]], before: OPT_IN, after: OPT_OUT },
  { says: [[2, 'a', true]], before: { ...OPT_IN, attribute: false }, after: OPT_IN },
  { says: [[2, 'a', true]], before: OPT_OUT, unsubscribed: 3, after: OPT_IN },
  { says: [[2, 'a', true]], before: OPT_OUT, unsubscribed: 1.5, after: STAYS_BLACKLISTED },
  { says: [[2, 'a', true]], chosen: false, before: OPT_OUT, unsubscribed: 30, after: STAYS_BLACKLISTED },
  { says: [[2, 'a', true]], after: OPT_IN },
  { says: [[2, 'a', false]], after: OPT_OUT },
  {
    says: [
      [3, 'a', true],
      [1, 'a', false],
    ],
    before: OPT_IN,
    after: OPT_OUT,
  },
  {
    says: [
      [3, 'a', false],
      [1, 'a', true],
    ],
    before: OPT_OUT,
    unsubscribed: 3.5,
    after: OPT_IN,
  },
  {
    says: [
      [3, 'a', true],
      [1, 'b', false],
    ],
    before: OPT_IN,
    after: OPT_OUT,
  },
  {
    says: [
      [3, 'a', false],
      [1, 'b', true],
    ],
    before: OPT_OUT,
    unsubscribed: 3.5,
    after: OPT_IN,
  },
  {
    says: [
      [3, 'a', true],
      [3, 'b', false],
    ],
    before: OPT_IN,
    after: OPT_OUT,
  },
  { says: [[2, 'a', false]], before: OPT_IN, isOddlySpelt: true, after: OPT_OUT },
];

/** @param {number} count @param {number} differing how many of them, of all kinds in turn @param {string} name */
function strangePeople(count, differing, name) {
  return Array.from({ length: count }, (_, index) => {
    const email = `${name}-${index}@example.com`;
    const isNext = Math.floor(((index + 1) * differing) / count) > Math.floor((index * differing) / count);
    if (!isNext) {
      const value = index % 4 !== 0;
      const holds = value ? OPT_IN : OPT_OUT;
      return {
        email,
        says: [[2, 'a', value]],
        before: holds,
        unsubscribed: value ? undefined : 2.5,
        after: holds,
      };
    }
    return { email, ...KINDS[Math.floor((index * differing) / count) % KINDS.length] };
  });
}

/** Lays into the simulator what Brevo holds before. */
function seedBrevo(simulator, people, now) {
  for (const { email, before, unsubscribed } of people) {
    if (!before) continue;
    const at = unsubscribed === undefined ? undefined : new Date(now - unsubscribed * DAY_MS).toISOString();
    const userUnsubscription = at && before.blacklisted ? [{ campaignId: 1, eventTime: at }] : [];
    simulator.seedContact({
      email,
      emailBlacklisted: before.blacklisted,
      attributes: { EMAIL_NOTIFICATION: before.attribute },
      createdAt: new Date(now - 40 * DAY_MS).toISOString(),
      ...(at && {
        modifiedAt: at,
        statistics: { unsubscriptions: { userUnsubscription, adminUnsubscription: [] } },
      }),
    });
  }
}

/** Writes the days of a batch export into a folder, each in a few files. */
function writeDays(folder, people, now) {
  const days = new Map();
  for (const { email, says, chosen = true, isOddlySpelt } of people) {
    for (const [before, userId, value] of says) {
      const at = new Date(now - before * DAY_MS).toISOString();
      const lines = days.get(at.slice(0, 10)) ?? [];
      days.set(at.slice(0, 10), lines);
      const id = isOddlySpelt ? ` ${email.toUpperCase()} ` : email;
      lines.push(line({ id, userId: `${userId} of ${email}`, value, at, chosen }));
    }
  }
  for (const [day, lines] of days) {
    const users = join(folder, `date=${day}`, 'users');
    mkdirSync(users, { recursive: true });
    const each = Math.ceil(lines.length / 4);
    for (let part = 0; part < 4; part += 1) {
      const text = lines.slice(part * each, (part + 1) * each).join('');
      writeFileSync(join(users, `part-${part}.json.gz`), gzipSync(text));
    }
    writeFileSync(join(users, '_SUCCESS'), '');
  }
}

function line({ id, userId, value, at, chosen }) {
  const consents = { purposes: [{ id: 'newsletter', enabled: value }] };
  const times = { created_at: at, updated_at: at };
  const user = { id: userId, organization_user_id: id, regulation: 'gdpr', ...times, consents };
  const event = { id: `event ${at} of ${userId}`, ...times, status: 'confirmed', consents };
  return `${JSON.stringify({ user, events: chosen ? [event] : [] })}\n`;
}

/** Those that Brevo holds otherwise than it has to. */
function wrongOf(simulator, people) {
  const held = new Map(simulator.contacts().map((contact) => [contact.email, contact]));
  return people.filter(({ email, after }) => {
    const contact = held.get(email);
    return !(
      contact?.emailBlacklisted === after.blacklisted &&
      contact.attributes.EMAIL_NOTIFICATION === after.attribute
    );
  });
}

module.exports = { OPT_IN, OPT_OUT, strangePeople, seedBrevo, writeDays, wrongOf };
