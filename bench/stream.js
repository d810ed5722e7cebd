// The messages of the live bench, and what Brevo holds before. They are those of the demo, without the ones that both
// programs ignore, and with people who change several preferences in a row.
const { expectedContacts } = require('../dist/cli/demo/expectation');
const { DidomiPerson } = require('../dist/cli/demo/didomi-person');
const { FREQUENCIES, TOPICS } = require('../dist/cli/demo/demo-config');
const { Random } = require('../dist/cli/demo/random');
const { STORIES } = require('../dist/cli/demo/stories');

const HOUR_S = 3_600;

/** What neither program does anything about, or what is another integration's. */
const LEFT_OUT = new Set([
  'neverConfirmsDoubleOptIn',
  'partnersOnlyKnownContact',
  'partnersOnlyUnknownContact',
  'speaksALanguageThatBrevoRefuses',
  'livesUnderAnotherRegulation',
  'sendsAnUnknownType',
  'eventIsDeleted',
  'isAGuest',
  'hasAnImpossibleIdentifier',
  'livesInTheFuture',
  'answersWhatIsNotMapped',
]);

/** Of all people: those who click their way through the preference centre. */
const BURSTS = 0.2;

/** Of all deliveries: those that Didomi makes twice, because an answer was lost. */
const TWICE = 0.05;

/** Seconds between two messages of one person: about one choice, and about two. */
const AFTER_THE_EVENT_S = [0.3, 2];
const AFTER_A_CHOICE_S = [4, 30];

/**
 * @param {number} messages about how many
 * @param {number} seed
 * @param {number} rate messages a second, at which the times of the steps are meant
 * @param {number} now ms since 1970
 */
function writeStream({ messages, seed, rate, now }) {
  const random = new Random(seed);
  const stories = STORIES.filter(([, story]) => !LEFT_OUT.has(story.name));
  const plots = [];
  for (let count = 0; count < messages / (1 + TWICE); count += messagesIn(plots.at(-1).steps)) {
    const number = plots.length;
    const at = now - random.int(4 * HOUR_S, 60 * HOUR_S) * 1_000;
    const cast = { random, number, at, now, email: `person-${seed}-${number}@example.com` };
    plots.push(random.chance(BURSTS) ? clicksThroughPreferences(cast) : pick(random, stories)(cast));
  }
  const steps = timed(random, plots, messages / rate);
  return {
    contacts: plots.flatMap(({ seed: held }) => held ?? []),
    steps,
    messages: messagesIn(steps),
    people: plots.length,
    expected: () =>
      expectedContacts({ seed, contacts: plots.flatMap(({ seed: held }) => held ?? []), steps }),
  };
}

/** Three to six choices within a few minutes, of which some say what the one before them said. */
function clicksThroughPreferences({ random, email, number, at, now }) {
  const person = new DidomiPerson(random, { organizationUserId: email, language: random.pick(['fr', 'en']) });
  const steps = [];
  for (let choice = random.int(3, 6); choice > 0; choice -= 1) {
    const answers = {
      newsletter: random.chance(0.85),
      ...(random.chance(0.5) && { frequency: random.pick(FREQUENCIES) }),
      ...(random.chance(0.7) && { topics: TOPICS.filter(() => random.chance(0.5)).join(',') }),
    };
    const { event, record } = person.says(at - choice * 20_000, answers);
    steps.push(webhook(event), webhook(record));
  }
  const createdAt = new Date(now - 90 * 24 * HOUR_S * 1_000).toISOString();
  const held = { email, attributes: { EMAIL_NOTIFICATION: true }, listIds: [12], createdAt };
  return { ...(number % 3 > 0 && { seed: held }), steps };
}

/** Everybody begins at some time; a person's steps keep their order. */
function timed(random, plots, seconds) {
  const all = plots.flatMap(({ steps }) => {
    let at = random.next() * seconds;
    let before;
    return steps.flatMap((step) => {
      const isRecord = before?.startsWith('event.') && typeOf(step)?.startsWith('user.');
      if (before) at += between(random, isRecord ? AFTER_THE_EVENT_S : AFTER_A_CHOICE_S);
      before = typeOf(step) ?? before;
      const again = step.kind === 'webhook' && random.chance(TWICE);
      return [{ ...step, at }, ...(again ? [{ ...step, at: at + between(random, AFTER_A_CHOICE_S) }] : [])];
    });
  });
  return all.sort((a, b) => a.at - b.at);
}

function typeOf(step) {
  return step.kind === 'webhook' ? step.messages[0]?.type : undefined;
}

function between(random, [least, most]) {
  return least + random.next() * (most - least);
}

function pick(random, stories) {
  let left = random.next() * stories.reduce((sum, [weight]) => sum + weight, 0);
  for (const [weight, story] of stories) {
    left -= weight;
    if (left < 0) return story;
  }
  return stories[0][1];
}

function webhook(message) {
  return { kind: 'webhook', messages: [message] };
}

function messagesIn(steps) {
  return steps.reduce((sum, step) => sum + (step.kind === 'webhook' ? step.messages.length : 0), 0);
}

module.exports = { writeStream };
