import { isLoopback } from './loopback';

export interface BaseUrlProblem {
  readonly message: string;
  readonly fix?: string;
}

/** What a base URL is for. */
export interface BaseUrlUse {
  /** A good one, with the version. */
  readonly example: string;
  /** Travels with every call: `the Brevo API key`. */
  readonly secret: string;
  /** Where it stands, as a reader would name it. */
  readonly place: string;
}

/** What is wrong with the base URL of an API, or undefined. It may carry a password, so no message repeats it. */
export function baseUrlProblem(
  text: string,
  { example, secret, place }: BaseUrlUse,
): BaseUrlProblem | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) {
    return { message: `must be an http or https URL such as ${example}` };
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    return {
      message: `must be a base URL such as ${example}, without user, password, ? or #`,
      fix: `Take those parts out of ${place}.`,
    };
  }
  if (url.protocol === 'http:' && !isLoopback(url.hostname.replace(/^\[|\]$/g, ''))) {
    return {
      message: `uses http towards another machine, which would send ${secret} in clear`,
      fix: 'Use https; http is for a simulator on this machine only.',
    };
  }
  return undefined;
}

/** As it is used: normalised, without a slash at its end. */
export function baseUrl(text: string): string {
  return new URL(text).href.replace(/\/+$/, '');
}
