/**
 * An answer of Brevo that is not a success, in Brevo's error shape `{code, message, metadata}`.
 * Seen in Brevo's API reference: `message` is required, `code` sometimes missing, `metadata` only on contact routes.
 */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string | undefined,
    message: string,
    readonly metadata?: Readonly<Record<string, unknown>>,
  ) {
    super(message);
    this.name = 'ApiError';
  }

  body(): Record<string, unknown> {
    return {
      ...(this.code === undefined ? {} : { code: this.code }),
      message: this.message,
      ...(this.metadata === undefined ? {} : { metadata: this.metadata }),
    };
  }
}

export const invalidParameter = (message: string) => new ApiError(400, 'invalid_parameter', message);
export const missingParameter = (message: string) => new ApiError(400, 'missing_parameter', message);
export const outOfRange = (message: string) => new ApiError(400, 'out_of_range', message);
export const notFound = (message: string) => new ApiError(404, 'document_not_found', message);
export const contactNotFound = () => notFound('Contact does not exist');
export const listNotFound = () => notFound('List ID does not exist');
export const methodNotAllowed = (message: string) => new ApiError(405, 'method_not_allowed', message);

/** Wording reported by practitioners for both an absent header and a key that is unknown or expired. */
export const noKey = () => new ApiError(401, 'unauthorized', 'authentication not found in headers');
export const wrongKey = () => new ApiError(401, 'unauthorized', 'Key not found');
export const ipBlocked = () =>
  new ApiError(
    401,
    'unauthorized',
    'We have detected you are using an unrecognised IP address 203.0.113.7. If you performed this action make sure to add the new IP address in this link: https://app.brevo.com/security/authorised_ips',
  );
