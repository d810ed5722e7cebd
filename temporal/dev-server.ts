import { DEFAULT_NAMESPACE, type ServerPlace, serverArguments } from './dev-server-arguments';
import { markServed, markUnlessServed, removeIfNeverServed, whileStartingAlone } from './dev-server-database';
import { describeFailedStart, isDatabaseDamaged, isDatabaseLocked, isPortTaken } from './dev-server-failures';
import { untilReady } from './dev-server-ready';
import { TemporalConfigurationError, TemporalServerError } from './errors';
import { type GuardedProcess, type ProcessEnd, spawnGuarded } from './guarded-process';
import { OutputTail } from './output-tail';
import { freePort, isPortFree } from './ports';
import type { SearchAttributeTypes } from './search-attributes';
import { serverEnvironment } from './server-environment';

const READY_TIMEOUT_MS = 60_000;
/** A server that we left a moment ago may still be closing its file. */
const LOCK_PATIENCE_MS = 12_000;
const RETRY_MS = 500;
/** Tries with other ports, when another program takes one between our choice and the server's start. */
const PORT_TRIES = 5;

export interface DevServerOptions {
  /** Path of a Temporal CLI. */
  readonly binary: string;
  /** Database file, made when there is none; absent: everything is forgotten when the server stops. */
  readonly dbFile?: string;
  /** 0 or absent: any free port. */
  readonly port?: number;
  /** Port of the web UI. 0 or absent: any free port. */
  readonly uiPort?: number;
  /** Address to listen on; there is no authentication, so nothing but loopback. Default 127.0.0.1. */
  readonly ip?: '127.0.0.1';
  readonly namespace?: string;
  readonly searchAttributes: SearchAttributeTypes;
  /** Overrides or adds to our settings of the server. */
  readonly dynamicConfig?: Readonly<Record<string, unknown>>;
  /** Told what the server prints (errors only), and what we wait for. */
  log?(line: string): void;
}

export interface DevServerEnd {
  /** We stopped it. */
  readonly expected: boolean;
  /** What happened, for the user; with the server's last words when we did not stop it. */
  readonly message: string;
}

export interface DevServer {
  /** host:port */
  readonly address: string;
  readonly uiUrl: string;
  readonly namespace: string;
  readonly pid: number;
  /** Ends the server and waits until it has gone. */
  stop(): Promise<void>;
  /** Resolves, never rejects, when the server has ended for whatever reason. */
  readonly exited: Promise<DevServerEnd>;
}

/**
 * Starts a Temporal development server with its UI and waits until it serves, with the search attributes registered.
 * It ends when this process ends, however that happens, and not before: Ctrl-C on the terminal does not reach it.
 *
 * @throws TemporalServerError when a given port is taken, the database file cannot be used, or the server does not
 * come up, with its last words.
 */
export async function startDevServer(options: DevServerOptions): Promise<DevServer> {
  const ip = options.ip ?? '127.0.0.1';
  const log = options.log?.bind(options) ?? (() => {});
  await requireFreePorts(ip, options);
  return whileStartingAlone(options.dbFile, log, async () => {
    const tries = new Tries(options.dbFile, log);
    for (;;) {
      const attempt = await startOnce(ip, options, log);
      if (attempt.server !== undefined) return attempt.server;
      if (!(await tries.mayTryAgain(attempt.output))) {
        throw describeFailedStart(attempt.reason, attempt.output, options);
      }
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  });
}

/** Which failures to start may be over by the next try. */
class Tries {
  private readonly lockPatienceEnds = Date.now() + LOCK_PATIENCE_MS;
  private portsTaken = 0;
  private waitingForLock = false;
  private madeAnew = false;

  constructor(
    private readonly dbFile: string | undefined,
    private readonly log: (line: string) => void,
  ) {}

  async mayTryAgain(output: string): Promise<boolean> {
    if (isPortTaken(output)) return ++this.portsTaken < PORT_TRIES;
    if (this.dbFile === undefined) return false;
    if (isDatabaseLocked(output)) {
      if (!this.waitingForLock) {
        this.log(`${this.dbFile} is in use by another Temporal server: waiting a moment for it to end`);
      }
      this.waitingForLock = true;
      return Date.now() < this.lockPatienceEnds;
    }
    if (isDatabaseDamaged(output) && !this.madeAnew) {
      this.madeAnew = await removeIfNeverServed(this.dbFile);
      return this.madeAnew;
    }
    return false;
  }
}

type Attempt =
  | { readonly server: DevServer }
  | { readonly server?: never; readonly reason: string; readonly output: string };

async function startOnce(
  ip: string,
  options: DevServerOptions,
  log: (line: string) => void,
): Promise<Attempt> {
  const port = options.port || (await freePort(ip));
  const uiPort = options.uiPort || (await freePort(ip));
  const place = { ip, port, uiPort, namespace: options.namespace ?? DEFAULT_NAMESPACE };
  await markUnlessServed(options.dbFile);

  const child = spawnGuarded(options.binary, serverArguments(place, options), {
    env: serverEnvironment(process.env),
    umask: '077',
  });
  const output = new OutputTail([child.stdout, child.stderr], log);
  const givenUp = new AbortController();
  const ended = child.ended.then((end) => {
    givenUp.abort(new Error(describeEnd(end)));
    return end;
  });
  const timer = setTimeout(
    () => givenUp.abort(new Error(`it was not ready within ${READY_TIMEOUT_MS / 1000} s`)),
    READY_TIMEOUT_MS,
  );
  try {
    await Promise.race([
      untilReady(place, options.searchAttributes, givenUp.signal),
      rejection(givenUp.signal),
    ]);
  } catch (error) {
    await child.stop();
    if (error instanceof TemporalConfigurationError) throw error;
    return { reason: (error as Error).message, output: output.toString() };
  } finally {
    clearTimeout(timer);
  }
  await markServed(options.dbFile);
  child.unref();
  return { server: runningServer(child, ended, output, place) };
}

function rejection(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

function runningServer(
  child: GuardedProcess,
  ended: Promise<ProcessEnd>,
  output: OutputTail,
  { ip, port, uiPort, namespace }: ServerPlace,
): DevServer {
  let stopping = false;
  const exited = ended.then((end): DevServerEnd => {
    if (stopping) return { expected: true, message: 'The embedded Temporal server has stopped' };
    const lastWords = output.toString();
    return {
      expected: false,
      message: `The embedded Temporal server ended unexpectedly: ${describeEnd(end)}${lastWords === '' ? '' : `. It said:\n${lastWords}`}`,
    };
  });
  return {
    address: `${ip}:${port}`,
    uiUrl: `http://${ip}:${uiPort}`,
    namespace,
    pid: child.pid ?? 0,
    exited,
    async stop() {
      stopping = true;
      await child.stop();
    },
  };
}

function describeEnd(end: ProcessEnd): string {
  if (end.error !== undefined) return end.error.message;
  return end.signal === null ? `exit code ${end.code}` : `ended by ${end.signal}`;
}

async function requireFreePorts(ip: string, { port, uiPort }: DevServerOptions): Promise<void> {
  for (const [given, what] of [
    [port, 'The Temporal server'],
    [uiPort, "Temporal's UI"],
  ] as const) {
    if (given && !(await isPortFree(ip, given))) {
      throw new TemporalServerError(
        `${what} cannot listen on ${ip}:${given}: another program uses this port. Stop that program, or choose another port. ` +
          'If it is a Temporal server that you want to use, set TEMPORAL_ADDRESS to it.',
      );
    }
  }
}
