import { z } from 'zod';
import { CLASSIC, NEWER } from './integration-shapes';
import { SETTINGS } from './settings-shapes';

/** The three shapes of the file, as it is after `${NAME}` has been replaced. */

const NAME_RULE = '1 to 64 letters, digits, _ or -';
const INTEGRATION_NAME = /^[A-Za-z0-9_-]{1,64}$/;

/** Didomi's documented form and its newer form, each as one of several integrations. */
export const integrationShapes = {
  classic: z.strictObject(CLASSIC, { error: 'an integration as Didomi documents it' }).meta({
    id: 'Integration',
    description: "The integration object of Didomi's documentation.",
  }),
  newer: z.strictObject(NEWER, { error: 'an integration as Didomi documents it' }).meta({
    id: 'NewerIntegration',
    description: "Didomi's newer form of an integration.",
  }),
};

/** A file that is one integration, with settings beside Didomi's keys. */
export const singleFileShapes = {
  classic: z
    .strictObject({ ...CLASSIC, ...SETTINGS })
    .meta({ description: "Didomi's documented integration object." }),
  newer: z
    .strictObject({ ...NEWER, ...SETTINGS })
    .meta({ description: "Didomi's newer integration object." }),
};

const INTEGRATIONS = 'an object of at least one integration, each under a name of its own';
const NAME_DESCRIPTION = `Name of the integration: ${NAME_RULE}. It is part of workflow ids.`;

/** What stands around several integrations; they themselves are read one by one. */
export const severalFileFrame = z.strictObject({
  integrations: z
    .record(z.string(), z.unknown(), { error: INTEGRATIONS })
    .refine((integrations) => Object.keys(integrations).length > 0, { error: INTEGRATIONS }),
  ...SETTINGS,
});

/** {@link severalFileFrame} with its integrations spelt out, for the JSON Schema. */
export const severalFileShape = z
  .strictObject({
    integrations: z
      .record(
        z.string().regex(INTEGRATION_NAME).meta({ description: NAME_DESCRIPTION }),
        z.union([integrationShapes.classic, integrationShapes.newer]),
      )
      .meta({ minProperties: 1 }),
    ...SETTINGS,
  })
  .meta({ description: 'Several integrations, each under its name.' });

/** @returns what is wrong with the name of an integration, or undefined */
export function nameProblem(name: string): string | undefined {
  return INTEGRATION_NAME.test(name)
    ? undefined
    : `the name of an integration must be ${NAME_RULE}: it becomes part of workflow ids`;
}

export type IntegrationForm = keyof typeof integrationShapes;
export type ClassicIntegration = z.infer<typeof integrationShapes.classic>;
export type NewerIntegration = z.infer<typeof integrationShapes.newer>;
export type FileSettings = Pick<
  z.infer<typeof severalFileFrame>,
  'ingest' | 'temporal' | 'brevo' | 'encryption' | 'didomi'
>;
