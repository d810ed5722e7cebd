import { createHash } from 'node:crypto';
import { z } from 'zod';

/** Whose an API key is. */
export interface KeyOwner {
  /** The same for all keys of one account, and a hash, because an address tells accounts apart. */
  readonly account: string;
  readonly companyName?: string;
}

/** Answer of `GET /account`, as Brevo's API reference has it. */
export const accountAnswer = z
  .object({
    email: z.string(),
    companyName: z.string().nullish(),
    organization_id: z.string().nullish(),
  })
  .transform(({ email, companyName, organization_id }): KeyOwner => {
    const hash = createHash('sha256')
      .update(`${organization_id ?? ''} ${email}`)
      .digest('hex');
    return { account: hash.slice(0, 12), ...(companyName && { companyName }) };
  });
