import * as http from 'node:http';
import * as https from 'node:https';
import axios, { type AxiosInstance } from 'axios';
import { type Answer, type CallInfo, networkFailure, timedOut } from './failure';

export interface BrevoHttpOptions {
  readonly apiKey: string;
  /** With the version, for example `https://api.brevo.com/v3`. */
  readonly baseUrl: string;
  /** From the first byte sent to the last received. */
  readonly timeoutMs: number;
  readonly userAgent: string;
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT';
  /** Below the base URL, already encoded. */
  readonly path: string;
  readonly body?: unknown;
}

/** No proxy reaches our own machine, for example the simulator. */
const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;
const MAX_SOCKETS = 32;
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

/** One HTTP exchange with Brevo; the only place that knows the HTTP client. Proxies come from the environment. */
export class BrevoHttp {
  /** These hold the key, also in requests under way, so they are hidden from inspection. */
  readonly #axios: AxiosInstance;
  readonly #agents: readonly (http.Agent | https.Agent)[];
  private readonly baseUrl: string;
  private readonly host: string;
  private readonly timeoutMs: number;

  constructor({ apiKey, baseUrl, timeoutMs, userAgent }: BrevoHttpOptions) {
    if (!/^[\x21-\x7e]+$/.test(apiKey)) {
      throw new TypeError(
        'The Brevo API key is empty or holds characters that no key has (a space, a line break).',
      );
    }
    this.baseUrl = baseUrl.replace(/\/+$/, '');
    const { host, hostname } = new URL(baseUrl);
    this.host = host;
    this.timeoutMs = timeoutMs;
    const httpAgent = new http.Agent({ keepAlive: true, maxSockets: MAX_SOCKETS });
    const httpsAgent = new https.Agent({ keepAlive: true, maxSockets: MAX_SOCKETS });
    this.#agents = [httpAgent, httpsAgent];
    this.#axios = axios.create({
      httpAgent,
      httpsAgent,
      ...(LOOPBACK.test(hostname) && { proxy: false }),
      headers: { 'api-key': apiKey, accept: 'application/json', 'user-agent': userAgent },
      // A redirect would carry key and identifier to where nobody asked for.
      maxRedirects: 0,
      maxContentLength: MAX_ANSWER_BYTES,
      responseType: 'text',
      transformRequest: [(data) => data],
      transformResponse: [(data) => data],
      validateStatus: () => true,
    });
  }

  /**
   * Sends and returns whatever was answered.
   * @throws BrevoUnavailableError without a complete answer; the reason of `signal` when that was aborted
   */
  async exchange(request: HttpRequest, call: CallInfo, signal?: AbortSignal): Promise<Answer> {
    signal?.throwIfAborted();
    // axios' own timeout restarts with every byte, so a trickling answer would never end.
    const deadline = new AbortController();
    const abort = () => deadline.abort();
    const timer = setTimeout(abort, this.timeoutMs);
    signal?.addEventListener('abort', abort, { once: true });
    try {
      const { status, headers, data } = await this.#axios.request<unknown>({
        method: request.method,
        url: `${this.baseUrl}${request.path}`,
        signal: deadline.signal,
        ...(request.body !== undefined && {
          data: JSON.stringify(request.body),
          headers: { 'content-type': 'application/json' },
        }),
      });
      return { status, headers: { ...headers }, body: typeof data === 'string' ? data : '' };
    } catch (error) {
      signal?.throwIfAborted();
      if (deadline.signal.aborted) throw timedOut(call, this.host, this.timeoutMs);
      throw networkFailure(error, call, this.host);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    }
  }

  /** Closes idle connections. */
  close(): void {
    for (const agent of this.#agents) agent.destroy();
  }
}
