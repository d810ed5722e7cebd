import { z } from 'zod';

const optionText = z.union([z.string(), z.number()]).transform(String);

/** Answer of `GET /contacts/attributes`, as Brevo's API reference has it. */
export const attributesAnswer = z.object({
  attributes: z.array(
    z.object({
      name: z.string(),
      category: z.string(),
      type: z.string().nullish(),
      enumeration: z
        .array(z.object({ value: optionText, valueStr: optionText.nullish(), label: optionText }))
        .nullish(),
      multiCategoryOptions: z.array(z.string()).nullish(),
    }),
  ),
});

/** An attribute as Brevo describes it. */
export type BrevoAttribute = z.output<typeof attributesAnswer>['attributes'][number];

/** An attribute to be created: of those that a contact holds itself (category `normal`). */
export interface NewAttribute {
  readonly name: string;
  readonly type: 'boolean' | 'text' | 'float';
}
