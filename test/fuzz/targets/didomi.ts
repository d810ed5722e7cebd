import fc from 'fast-check';
import { identifierOf } from '../../../consent/identifier';
import { IDENTIFIER_OPTIONS } from '../../../consent/rules';
import { statementsOf } from '../../../didomi/api/answer';
import { DidomiApiError } from '../../../didomi/api/errors';
import { badCredentials, type CallInfo, failureOf } from '../../../didomi/api/failure';
import { readEventRecord, readListing, readUserRecord } from '../../../didomi/api/records';
import { waitMs } from '../../../didomi/api/waiting';
import { readExportLine } from '../../../didomi/export/export-line';
import { interpret } from '../../../didomi/interpret';
import { readMessage } from '../../../didomi/message';
import { DidomiMessageError } from '../../../didomi/message-error';
import { assertReadable, parseJson } from '../../../ingest/body';
import { ProblemError } from '../../../ingest/problem';
import {
  eventCreated,
  eventDeleted,
  eventUpdated,
  FLATTENED_FORMS,
  flatten,
  flattenedEventCreated,
  userCreated,
  userDeleted,
  userUpdated,
} from '../../unit/didomi/didomi-messages';
import { NOW, rulesFor } from '../../unit/didomi/rules';
import { anyMessage } from '../any-message';
import {
  assertDiscreet,
  assertHides,
  assertSame,
  exchangeIn,
  exchangeText,
  jsonIn,
  PERSON,
  type Target,
  understands,
} from '../target';

const RULES = rulesFor(
  [
    'consents_purposes_newsletter_enabled',
    'consents_purposes_newsletter_values_topics_fr_value',
    'consents_preferences_topics_fr_value',
    'organization_user_id',
    'metadata_tier',
    'country',
    '__proto__',
    'consents_purposes___proto___enabled',
  ],
  { regulations: ['gdpr', 'cpra'] },
);

/** The messages of the documentation, about somebody whom no error may name. */
const MESSAGES = [
  eventCreated,
  eventUpdated,
  eventDeleted,
  userCreated,
  userUpdated,
  userDeleted,
  flattenedEventCreated,
].map((make) => JSON.stringify(make()).replaceAll('ana@example.com', PERSON));
const FLATTENED = Object.values(FLATTENED_FORMS).flatMap((form) =>
  (['by position', 'by id'] as const).map((items) => {
    const { parameters, ...message } = JSON.parse(MESSAGES[0] ?? '{}');
    return JSON.stringify(form({ ...message, parameters }, flatten(parameters.entity, items)));
  }),
);
const WORDS = [
  'event.created',
  'event.updated',
  'event.deleted',
  'user.updated',
  'user.deleted',
  'parameters',
  'entity',
  'new_entity',
  'old_entity',
  'source',
  'pending_approval',
  'confirmed',
  'consents__purposes__newsletter__enabled',
  'consents__purposes__0__id',
  'consents__purposes__0__values__x__value',
  'entity__consents__purposes__0__enabled',
  'newsletter',
  'values',
  'preferences',
  'channels',
  'organization_user_id',
  'enabled',
  'gdpr',
  'cpra',
  PERSON,
];
const LONGEST_REASON = 600;

/** The field may name keys of the message, and is left out of logs where they are not plain. */
function assertFieldAndProblem(error: Error): void {
  if (error instanceof ProblemError) {
    assertDiscreet(JSON.stringify(error.problem), LONGEST_REASON);
    return;
  }
  const { field, problem, message } = error as DidomiMessageError;
  if (field === '' || message.includes('undefined'))
    throw new Error(`an error without its field: ${message}`);
  assertDiscreet(problem, LONGEST_REASON);
  if (message.length > 2_000) throw new Error(`the error text has ${message.length} characters`);
}

const message: Target = {
  name: 'message',
  corpus: [...MESSAGES, ...FLATTENED, `[${MESSAGES.join()}]`],
  words: WORDS,
  grammar: (seed, numRuns) => fc.sample(anyMessage, { seed, numRuns }),
  read: (input) =>
    understands(
      () => {
        const body = parseJson(input);
        const before = JSON.stringify(body);
        for (const one of Array.isArray(body) ? body.slice(0, 50) : [body]) {
          for (const forgetsErasedUsers of [false, true]) {
            const read = interpret(readMessage(one), RULES, NOW, { canAskDidomi: true, forgetsErasedUsers });
            if (!/accepted|ignored|anonymous|erased/.test(read.status))
              throw new Error(`a strange reading: ${read.status}`);
          }
        }
        if (JSON.stringify(body) !== before) throw new Error('reading a message changes it');
      },
      [ProblemError, DidomiMessageError],
      assertFieldAndProblem,
    ),
  share: 2,
};

const LINES = [
  { user: userCreated().parameters.entity, events: [eventCreated().parameters.entity] },
  userCreated().parameters.entity,
  { user: userUpdated().parameters.new_entity, events: null },
].map((line) => JSON.stringify(line).replaceAll('ana@example.com', PERSON));

const exportLine: Target = {
  name: 'export-line',
  corpus: LINES,
  words: [...WORDS, 'user', 'events'],
  read: (input) => {
    const json = jsonIn(input);
    if (json === undefined) return false;
    const reading = readExportLine(json.value, RULES, { date: NOW, readAt: NOW });
    if (reading.status !== 'broken') return true;
    // Names of fields may stand in it, as in that of a message.
    if (reading.reason.length > 2_000) throw new Error(`the reason has ${reading.reason.length} characters`);
    return false;
  },
  share: 1.5,
};

const CALL: CallInfo = { name: 'GET /consents/users', secrets: [PERSON, 'didomi-key-zebraquagga'] };
const PERSON_ASKED = {
  paths: RULES.mappings.map(({ value }) => value),
  regulations: ['gdpr'],
  users: ['', 'u'],
};
const HEADERS = {
  'content-type': 'application/json',
  'retry-after': '3',
  ratelimit: 'limit=100, remaining=0, reset=9',
};

const apiAnswer: Target = {
  name: 'didomi-answer',
  corpus: [
    exchangeText(200, HEADERS, { data: [JSON.parse(LINES[1] ?? '')], cursor: 'next' }),
    exchangeText(200, HEADERS, { data: [eventCreated().parameters.entity], cursor: 7 }),
    exchangeText(404, HEADERS, { code: 404, name: 'NotFound', message: `No user ${PERSON}`, errors: {} }),
    exchangeText(429, { 'retry-after': 'Fri, 27 Nov 2026 02:39:23 GMT' }, 'Slow down'),
    exchangeText(400, {}, { name: 'BadRequest', message: `Bad key didomi-key-zebraquagga of ${PERSON}` }),
    exchangeText(502, {}, `<html><head><title>Bad gateway for ${PERSON}</title></head><body>x</body></html>`),
  ],
  words: [...WORDS, '401', '403', '429', '500', '302', '<title>', '<html>', 'reset=', 'retry-after'],
  read: (input) => {
    const { status, headers, body } = exchangeIn(input);
    const answer = { status, headers, body: body.toString() };
    const wait = waitMs(headers, NOW);
    if (!(wait >= 100 && wait <= 900_000)) throw new Error(`waits for ${wait} ms`);
    if (status < 200 || status > 299) {
      for (const error of [failureOf(answer, CALL, NOW), badCredentials(answer, CALL)]) {
        if (!(error instanceof DidomiApiError)) throw error;
        assertHides(`${error.message} ${error.code ?? ''}`, 400, CALL.secrets);
      }
      return false;
    }
    const json = jsonIn(body);
    if (json === undefined) return false;
    return understands(
      () => {
        const { data } = readListing(json.value);
        const users = data.map((raw, index) => readUserRecord(raw, `data[${index}]`, 'gdpr'));
        statementsOf(users, PERSON_ASKED, NOW);
        for (const [index, raw] of data.entries()) readEventRecord(raw, `data[${index}]`, 'gdpr');
      },
      [DidomiMessageError],
      assertFieldAndProblem,
    );
  },
};

const identifiers: Target = {
  name: 'identifier',
  corpus: [
    PERSON,
    '+33 6 12 34 56 78',
    '0033612345678',
    '4711',
    'crm-0042',
    'élodie@exämple.fr',
    'a+b@x.co.uk',
  ],
  words: ['@', '.', '..', '@@', '-', '+', ' ', '@example.com', '(', ')', '00', '1'],
  read: (input) => {
    const text = input.toString();
    const found = IDENTIFIER_OPTIONS.map((option) => {
      const identifier = identifierOf(text, option);
      if (!identifier) return false;
      if (identifier.value.length > 300) throw new Error('an identifier without bounds');
      assertSame(
        'an identifier is another when it is read again',
        identifierOf(identifier.value, option),
        identifier,
      );
      return true;
    });
    return found.some(Boolean);
  },
  share: 2,
};

const contentType: Target = {
  name: 'webhook-headers',
  corpus: [
    exchangeText(200, { 'content-type': 'application/json; charset=utf-8', 'content-length': '12' }, ''),
    exchangeText(200, { 'content-type': 'application/vnd.didomi+json', 'content-encoding': 'identity' }, ''),
  ],
  words: ['gzip', 'charset=', 'utf8', '"', ';', 'text/plain', '+json', '99999999999'],
  read: (input) =>
    understands(
      () => assertReadable(exchangeIn(input).headers, 1_048_576),
      [ProblemError],
      assertFieldAndProblem,
    ),
};

export const DIDOMI_TARGETS: readonly Target[] = [message, exportLine, apiAnswer, identifiers, contentType];
