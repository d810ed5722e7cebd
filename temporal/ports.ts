import { connect, createServer } from 'node:net';

/** How often a port that does not answer yet is tried again, in ms. */
const RETRY_MS = 50;

/** A TCP port that is free on `ip` at this moment. Another program may take it before its user does. */
export function freePort(ip: string): Promise<number> {
  return listenBriefly(ip, 0);
}

/** Whether nobody listens on a TCP port of `ip` at this moment. */
export async function isPortFree(ip: string, port: number): Promise<boolean> {
  try {
    await listenBriefly(ip, port);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return false;
    throw error;
  }
}

/** Whether something accepts connections on a TCP port. */
export function isPortOpen(host: string, port: number, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const settle = (open: boolean) => {
      socket.destroy();
      resolve(open);
    };
    socket.setTimeout(timeoutMs, () => settle(false));
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
  });
}

/** Resolves when something accepts connections on a TCP port; rejects when `signal` is aborted first. */
export async function waitForOpenPort(host: string, port: number, signal: AbortSignal): Promise<void> {
  while (!(await isPortOpen(host, port, 1_000))) {
    signal.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

function listenBriefly(ip: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ host: ip, port, exclusive: true }, () => {
      const address = server.address();
      server.close(() => {
        if (typeof address === 'object' && address !== null) resolve(address.port);
        else reject(new Error(`no port on ${ip}`));
      });
    });
  });
}
