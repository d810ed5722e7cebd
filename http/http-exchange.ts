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
  /** For this one, instead of the exchange's own. */
  readonly timeoutMs?: number;
  /** Longest answer that is read, unpacked; default 16 MiB. */
  readonly maxAnswerBytes?: number;
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

/** Why an exchange broke, without what the HTTP client's own error carries: headers and bodies. */
export interface BrokenExchange {
  /** Node's or the HTTP client's, or `ANSWER_TOO_LARGE`, or `PROXY_ANSWERED_` and the status of the proxy's answer. */
  readonly code: string | undefined;
  /** TLS was still being agreed on, so that nothing of the request was sent. */
  readonly inHandshake: boolean;
}

/** The errors of a service for a call that got no answer. */
export interface NoAnswer<Call> {
  timedOut(call: Call, host: string, timeoutMs: number): Error;
  networkFailure(broken: BrokenExchange, call: Call, host: string): Error;
}

/** No proxy reaches our own machine, for example a simulator. */
const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;
const MAX_ANSWER_BYTES = 16 * 1_048_576;
/** Shorter than gateways and load balancers on the way keep an idle connection: theirs to close is ours to trip over. */
const IDLE_MS = 30_000;

/**
 * HTTP exchanges with one service; the only place that knows the HTTP client. Proxies come from the environment; to an
 * https address the HTTP client opens a tunnel through them, so that they see neither key nor person.
 */
export class HttpExchange<Call> {
  /** These hold keys and tokens, also in requests under way, so they are hidden from inspection. */
  readonly #axios: AxiosInstance;
  readonly #agents: readonly (http.Agent | https.Agent)[];
  private readonly baseUrl: string;
  private readonly host: string;
  private readonly isSecure: boolean;
  private readonly timeoutMs: number;

  constructor(
    { baseUrl, timeoutMs, maxSockets, headers }: HttpExchangeOptions,
    private readonly noAnswer: NoAnswer<Call>,
  ) {
    this.baseUrl = baseUrl.replace(/\/+$/, '');
    const { host, hostname, protocol } = new URL(baseUrl);
    this.host = host;
    this.isSecure = protocol === 'https:';
    this.timeoutMs = timeoutMs;
    const httpAgent = new http.Agent({ keepAlive: true, timeout: IDLE_MS, maxSockets });
    const httpsAgent = new https.Agent({ keepAlive: true, timeout: IDLE_MS, maxSockets });
    this.#agents = [httpAgent, httpsAgent];
    this.#axios = axios.create({
      httpAgent,
      httpsAgent,
      ...(LOOPBACK.test(hostname) && { proxy: false }),
      headers: { accept: 'application/json', ...headers },
      // A redirect would carry secrets to where nobody asked for.
      maxRedirects: 0,
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
    const { timeoutMs = this.timeoutMs, maxAnswerBytes = MAX_ANSWER_BYTES } = request;
    const timer = setTimeout(abort, timeoutMs);
    signal?.addEventListener('abort', abort, { once: true });
    try {
      const {
        status,
        headers,
        data,
        request: sent,
      } = await this.#axios.request<unknown>({
        method: request.method,
        url: `${this.baseUrl}${request.path}`,
        signal: deadline.signal,
        maxContentLength: maxAnswerBytes,
        headers: {
          ...(request.token !== undefined && { authorization: `Bearer ${request.token}` }),
          ...(request.body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(request.body !== undefined && { data: JSON.stringify(request.body) }),
      });
      if (this.isSecure && isUnencrypted(sent)) {
        throw Object.assign(new Error('a proxy answered'), { code: `${PROXY_ANSWERED}${status}` });
      }
      return { status, headers: { ...headers }, body: typeof data === 'string' ? data : '' };
    } catch (error) {
      signal?.throwIfAborted();
      if (deadline.signal.aborted) throw this.noAnswer.timedOut(call, this.host, timeoutMs);
      throw this.noAnswer.networkFailure(brokenBy(error), call, this.host);
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

/** A proxy that opens no tunnel answers in the clear, and looks as if the service refused us. */
export const PROXY_ANSWERED = 'PROXY_ANSWERED_';

function isUnencrypted(request: unknown): boolean {
  const { socket } = (request ?? {}) as { readonly socket?: { readonly encrypted?: boolean } | null };
  return socket !== undefined && socket !== null && socket.encrypted !== true;
}

/** The HTTP client has no code of its own for an answer that is too long. */
function brokenBy(error: unknown): BrokenExchange {
  const { code, message, request } = error as {
    readonly code?: unknown;
    readonly message?: unknown;
    readonly request?: { readonly socket?: { readonly secureConnecting?: boolean } | null };
  };
  if (typeof message === 'string' && message.startsWith('maxContentLength')) {
    return { code: 'ANSWER_TOO_LARGE', inHandshake: false };
  }
  return {
    code: typeof code === 'string' ? code : undefined,
    inHandshake: request?.socket?.secureConnecting === true,
  };
}
