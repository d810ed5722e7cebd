// The people of a bench: what Didomi says of each, and what Brevo holds.

const DAY_MS = 86_400_000;

/** How a contact differs, in turn; `calls` is what carrying it out takes. */
const DIFFERENCES = [
  { name: 'withdrew', enabled: false, inBrevo: { attribute: true, blacklisted: false }, calls: 1 },
  { name: 'other value', enabled: true, inBrevo: { attribute: false, blacklisted: false }, calls: 1 },
  { name: 'on the blacklist', enabled: true, inBrevo: { attribute: true, blacklisted: true }, calls: 3 },
  { name: 'unknown to Brevo', enabled: true, inBrevo: undefined, calls: 1 },
];

/**
 * As many people as are asked for, the same ones each time; those who differ are spread evenly.
 *
 * @param {number} count
 * @param {number} drift how many of them differ, in percent
 */
function* people(count, drift) {
  let differing = 0;
  for (let index = 0; index < count; index += 1) {
    const email = `person-${index}@example.com`;
    const differs = Math.floor(((index + 1) * drift) / 100) > differing;
    if (differs) {
      yield { email, ...DIFFERENCES[differing % DIFFERENCES.length] };
      differing += 1;
    } else {
      const enabled = index % 4 !== 0;
      yield { email, enabled, inBrevo: { attribute: enabled, blacklisted: !enabled }, calls: 0 };
    }
  }
}

/** A line of Didomi's batch export. @param {number} now ms since 1970 */
function exportLine({ email, enabled }, now) {
  const time = new Date(now - DAY_MS).toISOString();
  const user = { id: `user of ${email}`, organization_user_id: email };
  const common = { regulation: 'gdpr', consents: { purposes: [{ id: 'newsletter', enabled }] } };
  const line = {
    user: { ...user, ...common, created_at: time, updated_at: time },
    events: [{ id: `event of ${email}`, created_at: time, status: 'confirmed', user, ...common }],
  };
  return `${JSON.stringify(line)}\n`;
}

module.exports = { people, exportLine };
