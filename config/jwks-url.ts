import type { BaseUrlProblem } from './base-url';
import { isLoopback } from './loopback';

const EXAMPLE = 'https://login.example.com/.well-known/jwks.json';

/** What is wrong with the address of an issuer's keys, or undefined. No message repeats it. */
export function jwksUrlProblem(text: string): BaseUrlProblem | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) {
    return { message: `must be an https URL such as ${EXAMPLE}` };
  }
  if (url.username !== '' || url.password !== '' || url.hash !== '') {
    return { message: `must be a URL such as ${EXAMPLE}, without user, password or #` };
  }
  if (url.protocol === 'http:' && !isLoopback(url.hostname.replace(/^\[|\]$/g, ''))) {
    return {
      message: 'uses http towards another machine: who answers in its place could sign tokens',
      fix: 'Use https; http is for this machine only.',
    };
  }
  return undefined;
}
