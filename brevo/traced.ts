import type { HttpAnswer } from '../http/http-exchange';
import { inSpan } from '../tracing/tracing';

/**
 * Makes a call as a span of a trace, where one is kept: with the template of its path, because the path itself names the
 * contact.
 *
 * @param call for example `PUT /contacts/{identifier}`
 */
export function traced(
  method: string,
  call: string,
  exchange: () => Promise<HttpAnswer>,
): Promise<HttpAnswer> {
  const attributes = {
    'http.request.method': method,
    'url.template': call.slice(call.indexOf('/')),
    'peer.service': 'brevo',
  };
  return inSpan({ name: call, kind: 'client', attributes }, async (span) => {
    const answer = await exchange();
    span.set({ 'http.response.status_code': answer.status });
    return answer;
  });
}
