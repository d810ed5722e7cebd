import * as http from 'node:http';
import * as https from 'node:https';
import axios, { type AxiosInstance } from 'axios';
import { type Answer, type CallInfo, networkFailure, timedOut } from './failure';

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  /** Below the base URL, already encoded. */
  readonly path: string;
  /** Access token of the session. */
  readonly token?: string;
  readonly body?: unknown;
}

/** No proxy reaches our own machine, for example the simulator. */
const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;
const MAX_SOCKETS = 16;
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

/** One HTTP exchange with Didomi; the only place that knows the HTTP client. Proxies come from the environment. */
export class DidomiHttp {
  /** These hold tokens, in requests under way, so they are hidden from inspection. */
  readonly #axios: AxiosInstance;
  readonly #agents: readonly (http.Agent | https.Agent)[];
  private readonly baseUrl: string;
  private readonly host: string;

  /**
   * @param baseUrl with the version, for example `https://api.didomi.io/v1`
   * @param timeoutMs from the first byte sent to the last received
   */
  constructor(
    baseUrl: string,
    private readonly timeoutMs: number,
    userAgent: string,
  ) {
    this.baseUrl = baseUrl.replace(/\/+$/, '');
    const { host, hostname } = new URL(baseUrl);
    this.host = host;
    const httpAgent = new http.Agent({ keepAlive: true, maxSockets: MAX_SOCKETS });
    const httpsAgent = new https.Agent({ keepAlive: true, maxSockets: MAX_SOCKETS });
    this.#agents = [httpAgent, httpsAgent];
    this.#axios = axios.create({
      httpAgent,
      httpsAgent,
      ...(LOOPBACK.test(hostname) && { proxy: false }),
      headers: { accept: 'application/json', 'user-agent': userAgent },
      // A redirect would carry the token to where nobody asked for.
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
   * @throws DidomiUnavailableError without a complete answer; the reason of `signal` when that was aborted
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
        headers: {
          ...(request.token !== undefined && { authorization: `Bearer ${request.token}` }),
          ...(request.body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(request.body !== undefined && { data: JSON.stringify(request.body) }),
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
