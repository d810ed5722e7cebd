import { z } from 'zod';

/** Brevo's short answers, in the shapes that its API reference gives them; only what we need is checked. */

export const createdAnswer = z.object({ id: z.number().int().positive() });
export const listAnswer = z.object({ id: z.number().int(), name: z.string() });
