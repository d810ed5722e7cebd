import { z } from 'zod';

/**
 * The `error` of each shape is a phrase that completes the sentences "must be …" and "is missing; it takes …". An
 * issue with `params.fix` brings a whole sentence of its own instead.
 */

export const oneOf = (values: readonly string[]) =>
  `one of ${values.map((value) => `"${value}"`).join(', ')}`;

/** A text of one line that is not empty and has no spaces around it. */
export const trimmed = (meaning: string) =>
  z.string({ error: meaning }).regex(/^\S(.*\S)?$/, { error: meaning });

/** What a header can carry: printable ASCII without a space, and not empty. */
export const oneWord = (meaning: string) =>
  z.string({ error: meaning }).regex(/^[\x21-\x7e]+$/, { error: meaning });
