import type { Identifier } from '../../../consent/identifier';
import { sharedStub } from './shared-stub';
import type { StubAnswer } from './stub-brevo';

export const ADA: Identifier = { kind: 'email', value: 'ada@example.com' };
export const HTML =
  '<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body>ada@example.com</body></html>';

/** A stub for the tests of a file, and one call of each kind to it. */
export function failingBrevo() {
  const stub = sharedStub();
  return {
    stub,
    get: () => stub().client().getContact(ADA),
    put: () => stub().client().updateContact(ADA, { emailBlacklisted: true }),
    post: () => stub().client().createContact({ identifier: ADA }),
  };
}

/** An error as Brevo answers it. */
export function json(
  status: number,
  code: string | undefined,
  message: string,
  more: object = {},
): StubAnswer {
  return {
    status,
    body: { ...(code && { code }), message, ...more },
    headers: { 'sib-request-id': 'req-1' },
  };
}
