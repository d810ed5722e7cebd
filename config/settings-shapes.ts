import { z } from 'zod';
import { baseUrlProblem } from './base-url';
import { DEFAULTS } from './defaults';
import { encryptionShape } from './encryption-shape';
import { oneOf, oneWord, trimmed } from './phrases';

const PORT = 'a port number from 0 to 65535';
const HOST = 'a host name or IP address, without a port or brackets';
const TOKEN = 'a token of at least 16 printable ASCII characters without spaces';
const MIN_BODY = 1_024;
const MAX_BODY = 64 * 1_048_576;
const BODY_BYTES = `a number of bytes from ${MIN_BODY} to ${MAX_BODY}`;
const RATE = 'a number of requests a second above 0, such as 10';
const QUEUE = 'the name of a Temporal task queue, at most 200 characters';
const AUTH = `an object such as {"type": "bearer", "token": "\${WEBHOOK_TOKEN}"}`;

const DIDOMI = 'an object such as {"organization_id": "acme", "api_key": "…", "api_secret": "…"}';
const ORGANIZATION = 'the id of an organization in Didomi, one word';
const CREDENTIAL = 'one word: no spaces or line breaks, and not empty';
const API_URL = `an http or https URL such as ${DEFAULTS.didomi.apiUrl}`;
const API_URL_USE = {
  example: DEFAULTS.didomi.apiUrl,
  secret: "the secret of Didomi's API key",
  place: 'didomi.api_url',
};

const bearer = z.strictObject(
  {
    type: z.literal('bearer'),
    token: z
      .string({ error: TOKEN })
      .regex(/^[\x21-\x7e]{16,}$/, { error: TOKEN })
      .meta({
        description: 'Callers send it as "Authorization: Bearer …".',
        examples: [`\${WEBHOOK_TOKEN}`],
      }),
  },
  { error: AUTH },
);
const noAuth = z.strictObject({ type: z.literal('none') }, { error: AUTH });

/** Keys beside the integrations. */
export const SETTINGS = {
  $schema: z.string({ error: 'the address of a JSON Schema' }).optional().meta({
    description: 'Where an editor finds the JSON Schema of this file; consent-sync does not read it.',
  }),
  ingest: z
    .strictObject(
      {
        host: z
          .string({ error: HOST })
          .regex(/^[A-Za-z0-9._:%-]+$/, { error: HOST })
          .default(DEFAULTS.ingest.host)
          .meta({ description: 'Address to listen on. The environment variable HOST wins.' }),
        port: z
          .int({ error: PORT })
          .min(0, { error: PORT })
          .max(65_535, { error: PORT })
          .default(DEFAULTS.ingest.port)
          .meta({
            description: 'Port to listen on; 0 takes any free one. The environment variable PORT wins.',
          }),
        auth: z
          .discriminatedUnion('type', [bearer, noAuth], {
            error: ({ code }) => (code === 'invalid_union' ? oneOf(['bearer', 'none']) : AUTH),
          })
          .default(DEFAULTS.ingest.auth)
          .meta({ description: 'Who may post events. none is accepted on a loopback address only.' }),
        max_body_bytes: z
          .int({ error: BODY_BYTES })
          .min(MIN_BODY, { error: BODY_BYTES })
          .max(MAX_BODY, { error: BODY_BYTES })
          .default(DEFAULTS.ingest.maxBodyBytes)
          .meta({ description: 'A larger request is answered with 413.' }),
      },
      { error: 'an object of settings for ingestion' },
    )
    .prefault({})
    .meta({ id: 'Ingest', description: 'The HTTP server that takes webhooks.' }),
  temporal: z
    .strictObject(
      {
        task_queue: trimmed(QUEUE)
          .max(200, { error: QUEUE })
          .default(DEFAULTS.temporal.taskQueue)
          .meta({ description: 'Task queue that the workers poll.' }),
      },
      { error: 'an object of settings for Temporal' },
    )
    .prefault({})
    .meta({
      id: 'Temporal',
      description: "Temporal's connection comes from Temporal's own environment configuration.",
    }),
  brevo: z
    .strictObject(
      {
        requests_per_second: z
          .number({ error: RATE })
          .positive({ error: RATE })
          .default(DEFAULTS.brevo.requestsPerSecond)
          .meta({
            description:
              'Highest rate towards one Brevo account; what Brevo allows at the moment may lower it.',
          }),
      },
      { error: 'an object of settings for Brevo' },
    )
    .prefault({})
    .meta({ id: 'Brevo', description: 'How Brevo is called.' }),
  encryption: encryptionShape,
  didomi: z
    .strictObject(
      {
        organization_id: oneWord(ORGANIZATION).meta({ description: "The organization's id in Didomi." }),
        api_key: oneWord(CREDENTIAL).meta({
          description: 'Id of a private API key of that organization.',
          examples: [`\${DIDOMI_API_KEY}`],
        }),
        api_secret: oneWord(CREDENTIAL).meta({
          description: 'Secret of that API key.',
          examples: [`\${DIDOMI_API_SECRET}`],
        }),
        api_url: z
          .string({ error: API_URL })
          .superRefine((text, context) => {
            const problem = baseUrlProblem(text, API_URL_USE);
            if (!problem) return;
            const fix = problem.fix ?? 'Correct it, or leave it out.';
            context.addIssue({ code: 'custom', message: problem.message, params: { fix } });
          })
          .default(DEFAULTS.didomi.apiUrl)
          .meta({
            description: "Base of Didomi's API with the version. http towards this machine only.",
          }),
      },
      { error: DIDOMI },
    )
    .optional()
    .meta({
      id: 'Didomi',
      description: "Access to Didomi's API: needed to know what holds after an event or a user was deleted.",
    }),
};
