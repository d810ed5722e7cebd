import { z } from 'zod';
import { baseUrlProblem } from './base-url';
import { DEFAULTS } from './defaults';
import { encryptionShape } from './encryption-shape';
import { INGEST } from './ingest-shapes';
import { oneWord, trimmed } from './phrases';

const RATE = 'a number of requests a second above 0, such as 10';
const QUEUE = 'the name of a Temporal task queue, at most 200 characters';
const DIDOMI = 'an object such as {"organization_id": "acme", "api_key": "…", "api_secret": "…"}';
const ORGANIZATION = 'the id of an organization in Didomi, one word';
const CREDENTIAL = 'one word: no spaces or line breaks, and not empty';
const API_URL = `an http or https URL such as ${DEFAULTS.didomi.apiUrl}`;
const API_URL_USE = {
  example: DEFAULTS.didomi.apiUrl,
  secret: "the secret of Didomi's API key",
  place: 'didomi.api_url',
};

/** Keys beside the integrations. */
export const SETTINGS = {
  $schema: z.string({ error: 'the address of a JSON Schema' }).optional().meta({
    description: 'Where an editor finds the JSON Schema of this file; consent-sync does not read it.',
  }),
  ingest: INGEST.prefault({}).meta({
    id: 'Ingest',
    description: 'The HTTP server that takes webhooks.',
  }),
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
