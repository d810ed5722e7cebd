import { accountAnswer } from '../../../brevo/account-answer';
import { createdAnswer, listAnswer } from '../../../brevo/answers';
import { attributesAnswer } from '../../../brevo/attribute';
import { AttributeDirectory } from '../../../brevo/attribute-directory';
import { contactAnswer } from '../../../brevo/contact';
import { pageAnswer } from '../../../brevo/contact-page';
import { targetsOf, viewOf } from '../../../brevo/contact-view';
import { BrevoError, BrevoUnavailableError } from '../../../brevo/errors';
import { type CallInfo, failureOf } from '../../../brevo/failure';
import { rateHeaders, waitMs, withJitter } from '../../../brevo/rate-headers';
import { readAnswer } from '../../../brevo/read-answer';
import { isSomebodyElse } from '../../../brevo/same-contact';
import { assertHides, exchangeIn, exchangeText, PERSON, type Target, understands } from '../target';

const KEY = 'xkeysib-zebraquagga';
const CALL: CallInfo = {
  name: 'PUT /contacts/{identifier}',
  writes: true,
  namesContact: true,
  secrets: [KEY, PERSON],
};
const RATE = {
  'x-sib-ratelimit-limit': '10',
  'x-sib-ratelimit-remaining': '0',
  'x-sib-ratelimit-reset': '1',
};
const LONGEST_MESSAGE = 300;

const CONTACT = {
  id: 42,
  email: PERSON,
  emailBlacklisted: false,
  smsBlacklisted: false,
  createdAt: '2026-03-04T10:15:02.000+01:00',
  modifiedAt: '2026-03-05T10:15:02.000+01:00',
  listIds: [7],
  attributes: { OPT_EMAIL: true, EXT_ID: 'crm-1', SMS: '33612345678', LEDGER: '1;' },
  statistics: {
    unsubscriptions: {
      userUnsubscription: [{ campaignId: 3, eventTime: '2026-03-04T10:15:02.000+01:00', ip: '192.0.2.1' }],
      adminUnsubscription: [{ eventTime: '2026-03-04T10:15:02' }],
    },
    complaints: [{ eventTime: '2026-03-04 10:15' }],
  },
};
const ATTRIBUTES = {
  attributes: [
    { name: 'OPT_EMAIL', category: 'normal', type: 'boolean' },
    { name: 'TOPICS', category: 'normal', type: 'multiple-choice', multiCategoryOptions: ['a', 'b'] },
    {
      name: 'FREQUENCY',
      category: 'category',
      enumeration: [
        { value: 1, label: 'weekly' },
        { value: '2', valueStr: 'x', label: 'b' },
      ],
    },
    { name: 'SUM', category: 'calculated', calculatedValue: 'COUNT[x]' },
  ],
};
const CONTACT_WORDS = [
  'emailBlacklisted',
  'attributes',
  'statistics',
  'unsubscriptions',
  'eventTime',
  'EXT_ID',
  '[]',
  '2026-03-04T24:00:00Z',
];

function refused(error: Error): void {
  assertHides(error.message, LONGEST_MESSAGE, CALL.secrets);
}

const ENTRIES = new Map([['OPT_EMAIL', { name: 'OPT_EMAIL', type: { kind: 'boolean' } as const }]]);

const PAGE = pageAnswer(['OPT_EMAIL', '__proto__']);

const contacts: Target = {
  name: 'brevo-contact',
  corpus: [
    exchangeText(200, {}, CONTACT),
    exchangeText(200, {}, { ...CONTACT, attributes: [], statistics: {} }),
    exchangeText(200, {}, { contacts: [CONTACT, { ...CONTACT, id: 43 }], count: 2 }),
    exchangeText(200, {}, { code: 'invalid_parameter', message: `no ${PERSON}` }),
  ],
  words: CONTACT_WORDS,
  read: (input) => {
    const { status, headers, body } = exchangeIn(input);
    const answer = { status, headers, body: body.toString() };
    const one = understands(
      () => {
        const contact = readAnswer(answer, CALL, 200, contactAnswer);
        isSomebodyElse({ kind: 'email', value: PERSON }, contact);
        isSomebodyElse({ kind: 'phone', value: '33612345678' }, contact);
        for (const { at } of contact.unsubscriptions) {
          if (at !== undefined && !Number.isFinite(at)) throw new Error('an unsubscription at no time');
        }
        viewOf(contact, ENTRIES);
      },
      [BrevoUnavailableError],
      refused,
    );
    const page = understands(() => readAnswer(answer, CALL, 200, PAGE), [BrevoUnavailableError], refused);
    return one || page;
  },
  share: 1.5,
};

const described: Target = {
  name: 'brevo-attributes',
  corpus: [
    exchangeText(200, {}, ATTRIBUTES),
    exchangeText(200, {}, { id: 7, name: 'Newsletter' }),
    exchangeText(200, {}, { email: PERSON, companyName: 'Acme' }),
    exchangeText(201, {}, { id: 42 }),
  ],
  words: [
    'category',
    'normal',
    'enumeration',
    'multiCategoryOptions',
    'multiple-choice',
    'float',
    'date',
    'text',
    '__proto__',
  ],
  read: async (input) => {
    const { status, headers, body } = exchangeIn(input);
    const answer = { status, headers, body: body.toString() };
    const others = [listAnswer, accountAnswer, createdAnswer].map((shape) =>
      understands(() => readAnswer(answer, CALL, 200, shape), [BrevoUnavailableError], refused),
    );
    const found: ReturnType<typeof directoryOf>[] = [];
    const attributes = understands(
      () => found.push(directoryOf(readAnswer(answer, CALL, 200, attributesAnswer).attributes)),
      [BrevoUnavailableError],
      refused,
    );
    for (const directory of found) {
      const entries = await directory.lookUp(['OPT_EMAIL', 'topics', '__proto__']);
      if (targetsOf(entries).length !== 3) throw new Error('an attribute that was asked for is not told of');
    }
    return attributes || others.some(Boolean);
  },
};

function directoryOf(attributes: Awaited<ReturnType<ConstructorParameters<typeof AttributeDirectory>[0]>>) {
  return new AttributeDirectory(async () => attributes);
}

const failures: Target = {
  name: 'brevo-error',
  corpus: [
    exchangeText(
      400,
      { 'sib-request-id': 'abc-1' },
      { code: 'invalid_parameter', message: `${PERSON} is not valid` },
    ),
    exchangeText(
      400,
      {},
      { code: 'duplicate_parameter', message: 'x', metadata: { duplicate_identifiers: ['email', 'SMS'] } },
    ),
    exchangeText(401, {}, { code: 'unauthorized', message: `Key not found: ${KEY}` }),
    exchangeText(
      401,
      {},
      {
        message: 'We have detected you are using an unrecognised IP address 192.0.2.7',
        code: 'unauthorized',
      },
    ),
    exchangeText(402, {}, { code: 'not_enough_credits', message: 'no credits' }),
    exchangeText(
      404,
      {},
      { code: 'document_not_found', message: `Contact ${encodeURIComponent(PERSON)} does not exist` },
    ),
    exchangeText(429, RATE, { code: 'too_many_requests', message: 'slow down' }),
    exchangeText(
      502,
      { 'cf-ray': '8f-CDG' },
      `<html><title>502 at ${PERSON}</title><body>${KEY}</body></html>`,
    ),
    exchangeText(302, { location: `https://x/${PERSON}` }, ''),
    exchangeText(500, {}, `PUT /v3/contacts/${encodeURIComponent(PERSON)} api-key: ${KEY}`),
  ],
  words: [
    '400',
    '401',
    '403',
    '404',
    '409',
    '425',
    '429',
    '503',
    'account_in_process',
    'metadata',
    '<title>',
    '+33 6 12 34 56 78',
    PERSON,
    KEY,
  ],
  read: (input) => {
    const { status, headers, body } = exchangeIn(input);
    const failed = status >= 200 && status < 300 ? 500 : status;
    const error = failureOf({ status: failed, headers, body: body.toString() }, CALL);
    if (!(error instanceof BrevoError)) throw error;
    assertHides([error.message, error.code, error.requestId].join(' '), LONGEST_MESSAGE + 170, CALL.secrets);
    return error.code !== undefined;
  },
  share: 1.5,
};

const rates: Target = {
  name: 'rate-headers',
  corpus: [
    exchangeText(429, RATE, ''),
    exchangeText(429, { 'retry-after': '120' }, ''),
    exchangeText(200, { ...RATE, 'x-sib-ratelimit-reset': '0.25' }, ''),
  ],
  words: Object.keys(RATE),
  read: (input) => {
    const read = rateHeaders(exchangeIn(input).headers);
    const wait = withJitter(waitMs(read));
    if (!(wait >= 100 && wait <= 72_000)) throw new Error(`waits for ${wait} ms`);
    return read.resetMs !== undefined;
  },
};

export const BREVO_TARGETS: readonly Target[] = [contacts, described, failures, rates];
