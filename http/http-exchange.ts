import * as http from 'node:http';
import * as https from 'node:https';
import axios, { type AxiosInstance } from 'axios';

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT';
  /** Below the base URL, already encoded. */
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Access token of a session. */
  readonly token?: string;
}

/** An HTTP answer, body unread. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

export interface HttpExchangeOptions {
  /** With the version, for example `https://api.brevo.com/v3`. */
  readonly baseUrl: string;
  /** From the first byte sent to the last received. */
  readonly timeoutMs: number;
  readonly maxSockets: number;
  /** Sent with every request. */
  readonly headers: Readonly<Record<string, string>>;
}

/** The errors of a service for a call that got no answer. */
export interface NoAnswer<Call> {
  timedOut(call: Call, host: string, timeoutMs: number): Error;
  /** @param error comes from the HTTP client, may carry secrets, and is not to be kept */
  networkFailure(error: unknown, call: Call, host: string): Error;
}

/** No proxy reaches our own machine, for example a simulator. */
const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

/** HTTP exchanges with one service; the only place that knows the HTTP client. Proxies come from the environment. */
export class HttpExchange<Call> {
  /** These hold keys and tokens, also in requests under way, so they are hidden from inspection. */
  readonly #axios: AxiosInstance;
  readonly #agents: readonly (http.Agent | https.Agent)[];
  private readonly baseUrl: string;
  private readonly host: string;
  private readonly timeoutMs: number;

  constructor(
    { baseUrl, timeoutMs, maxSockets, headers }: HttpExchangeOptions,
    private readonly noAnswer: NoAnswer<Call>,
  ) {
    this.baseUrl = baseUrl.replace(/\/+$/, '');
    const { host, hostname } = new URL(baseUrl);
    this.host = host;
    this.timeoutMs = timeoutMs;
    const httpAgent = new http.Agent({ keepAlive: true, maxSockets });
    const httpsAgent = new https.Agent({ keepAlive: true, maxSockets });
    this.#agents = [httpAgent, httpsAgent];
    this.#axios = axios.create({
      httpAgent,
      httpsAgent,
      ...(LOOPBACK.test(hostname) && { proxy: false }),
      headers: { accept: 'application/json', ...headers },
      // A redirect would carry secrets to where nobody asked for.
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
   * @throws what `noAnswer` makes of a call without a complete answer; the reason of `signal` when that was aborted
   */
  async exchange(request: HttpRequest, call: Call, signal?: AbortSignal): Promise<HttpAnswer> {
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
        headers: {
          ...(request.token !== undefined && { authorization: `Bearer ${request.token}` }),
          ...(request.body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(request.body !== undefined && { data: JSON.stringify(request.body) }),
      });
      return { status, headers: { ...headers }, body: typeof data === 'string' ? data : '' };
    } catch (error) {
      signal?.throwIfAborted();
      if (deadline.signal.aborted) throw this.noAnswer.timedOut(call, this.host, this.timeoutMs);
      throw this.noAnswer.networkFailure(error, call, this.host);
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
