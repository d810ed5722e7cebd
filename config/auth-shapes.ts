import { z } from 'zod';
import { jwksUrlProblem } from './jwks-url';
import { oneOf, trimmed } from './phrases';

const AUTH = `an object such as {"type": "bearer", "token": "\${WEBHOOK_TOKEN}"}`;
const TOKEN = 'a token of at least 16 printable ASCII characters without spaces';
const SECRET =
  'a secret of at least 16 printable ASCII characters without spaces, best from openssl rand -hex 32';
const MAX_CLIENTS = 100;
const CLIENTS = `a list of 1 to ${MAX_CLIENTS} clients such as {"id": "didomi", "secret": "\${DIDOMI_CLIENT_SECRET}"}`;
const CLIENT = `an object such as {"id": "didomi", "secret": "\${DIDOMI_CLIENT_SECRET}"}`;
const CLIENT_ID =
  'the id of a client: at most 100 printable ASCII characters, without spaces and without a colon';
const ISSUER = 'the issuer as its tokens name it in "iss", such as https://login.example.com/';
const AUDIENCE = 'the name of this service as the tokens have it in "aud"';
const JWKS_URL = 'the https URL of the keys of the issuer';

/** Shorter ones can be guessed, and from a token that leaked even without asking this service. */
const strongSecret = (meaning: string) =>
  z.string({ error: meaning }).regex(/^[\x21-\x7e]{16,}$/, { error: meaning });

const bearer = z.strictObject(
  {
    type: z.literal('bearer'),
    token: strongSecret(TOKEN).meta({
      description: 'Callers send it as "Authorization: Bearer …".',
      examples: [`\${WEBHOOK_TOKEN}`],
    }),
  },
  { error: AUTH },
);

const client = z.strictObject(
  {
    id: z
      .string({ error: CLIENT_ID })
      .regex(/^[\x21-\x39\x3b-\x7e]{1,100}$/, { error: CLIENT_ID })
      .meta({ description: 'What the client calls itself: client_id.' }),
    secret: strongSecret(SECRET).meta({
      description: 'client_secret. While it is changed, list the client twice: once a secret.',
      examples: [`\${DIDOMI_CLIENT_SECRET}`],
    }),
  },
  { error: CLIENT },
);

const oauth = z.strictObject(
  {
    type: z.literal('oauth'),
    clients: z
      .array(client, { error: CLIENTS })
      .min(1, { error: CLIENTS })
      .max(MAX_CLIENTS, { error: CLIENTS })
      .superRefine((clients, context) => {
        for (const [index, { id, secret }] of clients.entries()) {
          const first = clients.findIndex((one) => one.id === id && one.secret === secret);
          if (first < index) {
            context.addIssue({
              code: 'custom',
              path: [index],
              message: `is the same client with the same secret as ingest.auth.clients[${first}]`,
              params: { fix: 'Remove one of them, or give it the new secret.' },
            });
          }
        }
      })
      .meta({ description: 'Who may fetch a token at /oauth/token.' }),
  },
  { error: AUTH },
);

const jwt = z.strictObject(
  {
    type: z.literal('jwt'),
    issuer: trimmed(ISSUER).meta({
      description: 'What "iss" of a token has to be, character for character.',
    }),
    audience: trimmed(AUDIENCE).meta({ description: 'What "aud" of a token has to be, or to hold.' }),
    jwks_url: z
      .string({ error: JWKS_URL })
      .superRefine((text, context) => {
        const problem = jwksUrlProblem(text);
        if (!problem) return;
        const fix = problem.fix ?? 'Correct it: the documentation of the issuer names it, often as jwks_uri.';
        context.addIssue({ code: 'custom', message: problem.message, params: { fix } });
      })
      .meta({ description: 'Where the issuer publishes its keys (JWKS). http towards this machine only.' }),
  },
  { error: AUTH },
);

const noAuth = z.strictObject({ type: z.literal('none') }, { error: AUTH });

/** Who may post events. */
export const INGEST_AUTH = z.discriminatedUnion('type', [oauth, jwt, bearer, noAuth], {
  error: ({ code }) => (code === 'invalid_union' ? oneOf(['oauth', 'jwt', 'bearer', 'none']) : AUTH),
});
