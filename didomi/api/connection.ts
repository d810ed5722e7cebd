import { z } from 'zod';
import { type Answer, badCredentials, type CallInfo, failureOf, strangeAnswer } from './failure';
import { type DidomiHttp, didomiHttp } from './http';
import { isHtml } from './plain-words';
import { Session } from './session';

export interface ConnectionOptions {
  readonly apiKey: string;
  readonly apiSecret: string;
  /** With the version. */
  readonly apiUrl: string;
  /** For one HTTP exchange. */
  readonly timeoutMs: number;
  /** ms since 1970. */
  readonly now: () => number;
  readonly userAgent: string;
}

/** A token goes into a header, where not every character may stand. */
const sessionAnswer = z.object({ access_token: z.string().regex(/^[\x21-\x7e]+$/) });

/** Didomi's API, opened with a key: reads of it, each with a token that lives. */
export class Connection {
  private readonly http: DidomiHttp;
  private readonly session: Session;
  private readonly now: () => number;
  /** Hidden from inspection, as every place that holds them. */
  readonly #credentials: { readonly key: string; readonly secret: string };

  constructor({ apiKey, apiSecret, apiUrl, timeoutMs, now, userAgent }: ConnectionOptions) {
    this.http = didomiHttp(apiUrl, timeoutMs, userAgent);
    this.now = now;
    this.#credentials = { key: apiKey, secret: apiSecret };
    this.session = new Session(() => this.openSession(), now);
  }

  /**
   * The JSON that Didomi answers. A token that Didomi does not accept is renewed once.
   *
   * @param path below the base URL, already encoded
   * @throws DidomiApiError for any answer but 200 with JSON, or none; the reason of `signal` when that was aborted
   */
  async get(path: string, call: CallInfo, signal: AbortSignal | undefined): Promise<unknown> {
    const first = await this.attempt(path, call, signal);
    if (first.answer.status === 401) this.session.reject(first.token);
    const { answer, token } = first.answer.status === 401 ? await this.attempt(path, call, signal) : first;
    if (answer.status < 200 || answer.status > 299) {
      throw failureOf(answer, this.guarded(call, token), this.now());
    }
    return json(answer, call);
  }

  /** Closes idle connections. */
  close(): void {
    this.http.close();
  }

  private async attempt(path: string, call: CallInfo, signal: AbortSignal | undefined) {
    const token = await unlessAborted(this.session.token(), signal);
    const answer = await this.http.exchange({ method: 'GET', path, token }, call, signal);
    return { answer, token };
  }

  /** Is no caller's own: it goes on when the one who asked first gives up. */
  private async openSession(): Promise<string> {
    const call = this.guarded({ name: 'POST /sessions', secrets: [] });
    const body = { type: 'api-key', ...this.#credentials };
    const answer = await this.http.exchange({ method: 'POST', path: '/sessions', body }, call);
    if ((answer.status === 400 && !isHtml(answer.body)) || answer.status === 401) {
      throw badCredentials(answer, call);
    }
    if (answer.status < 200 || answer.status > 299) throw failureOf(answer, call, this.now());
    const { data } = sessionAnswer.safeParse(json(answer, call));
    if (data === undefined) throw strangeAnswer(answer.status, call, 'there is no access_token in it');
    return data.access_token;
  }

  /** The call with our own secrets, which its failures must not show either. */
  private guarded({ name, secrets }: CallInfo, ...tokens: readonly string[]): CallInfo {
    const { key, secret } = this.#credentials;
    return { name, secrets: [...secrets, key, secret, ...tokens] };
  }
}

function json({ status, body }: Answer, call: CallInfo): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw strangeAnswer(status, call, body === '' ? 'the body is empty' : 'the body is not JSON');
  }
}

/** Waits for what others wait for too, and no longer than the caller wants. */
function unlessAborted<T>(shared: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return shared;
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    const done = () => signal.removeEventListener('abort', abort);
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    shared.then(resolve, reject).then(done, done);
  });
}
