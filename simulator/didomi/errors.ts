/** Names of errors by status, as the framework behind `{code, name, message, errors}` commonly gives them (inferred). */
const NAMES: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'NotAuthenticated',
  402: 'PaymentError',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  408: 'Timeout',
  409: 'Conflict',
  422: 'Unprocessable',
  429: 'TooManyRequests',
  500: 'GeneralError',
  503: 'Unavailable',
};

/** An answer of Didomi that is not a success. The shape of its body is seen in descriptions of Didomi's API. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
    this.name = 'ApiError';
  }

  body(): Record<string, unknown> {
    return { code: this.status, name: NAMES[this.status] ?? 'Error', message: this.message, errors: {} };
  }
}

export const badRequest = (message: string) => new ApiError(400, message);
export const badCredentials = () => badRequest('Invalid API key or secret');
export const notAuthenticated = (message: string) => new ApiError(401, message);
export const forbidden = (message: string) => new ApiError(403, message);
export const notFound = (message: string) => new ApiError(404, message);
export const conflict = (message: string) => new ApiError(409, message);
