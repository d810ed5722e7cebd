import { z } from 'zod';

/** Brevo's answers but for contacts, in the shapes that its API reference gives them; only what we need is checked. */

export const createdAnswer = z.object({ id: z.number().int().positive() });
const optionText = z.union([z.string(), z.number()]).transform(String);
export const attributeListAnswer = z.object({
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
export const listAnswer = z.object({ id: z.number().int(), name: z.string() });
export const accountAnswer = z.object({ email: z.string(), companyName: z.string().nullish() });

/** An attribute as Brevo describes it. */
export type BrevoAttribute = z.output<typeof attributeListAnswer>['attributes'][number];
