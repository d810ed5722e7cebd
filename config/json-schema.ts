import { z } from 'zod';
import { severalFileShape, singleFileShapes } from './shapes';

const file = z.union([singleFileShapes.classic, singleFileShapes.newer, severalFileShape]).meta({
  title: 'consent-sync configuration',
  description: `One Brevo integration in one of Didomi's two forms, or several under their names. \${NAME} inside a text is replaced from the environment.`,
});

/**
 * JSON Schema (draft 7, which editors know best) of the configuration file. It is a help for writing: what needs
 * more than one place to judge, such as ids mapped twice, only `loadConfig` sees.
 */
export function configJsonSchema(): object {
  return z.toJSONSchema(file, {
    target: 'draft-07',
    io: 'input',
    override: ({ jsonSchema, path }) => {
      if (jsonSchema.type === 'string' && path.at(-1) !== 'propertyNames') allowVariable(jsonSchema);
    },
  });
}

const VARIABLE = { type: 'string', pattern: '\\$\\{[A-Za-z_][A-Za-z0-9_]*\\}' } as const;

/** What a text must look like is asked of what stands there once `${NAME}` has been replaced. */
function allowVariable(schema: z.core.JSONSchema.BaseSchema): void {
  if (schema.pattern === undefined && schema.maxLength === undefined && schema.enum === undefined) return;
  const { type, pattern, maxLength, enum: values, ...rest } = schema;
  const constraint = { type, pattern, maxLength, enum: values };
  for (const key of Object.keys(schema)) delete schema[key];
  Object.assign(schema, rest, { anyOf: [JSON.parse(JSON.stringify(constraint)), VARIABLE] });
}
