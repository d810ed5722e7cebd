import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Bounds how many connections are open. Beyond that the one that has asked nothing for the longest time is closed for
 * each new one, so that whoever has something to ask, a probe too, always gets in. Those whose request is being answered
 * are left alone.
 */
export function boundConnections(server: Server, most: number): void {
  /** Those without a request, in the order since when. */
  const quiet = new Set<Socket>();
  let open = 0;
  const added = (socket: Socket) => {
    open += 1;
    quiet.add(socket);
    socket.once('close', () => {
      open -= 1;
      quiet.delete(socket);
    });
    if (open <= most) return;
    const [longest = socket] = quiet;
    quiet.delete(longest);
    longest.destroy();
  };
  server.on('setSecureContext' in server ? 'secureConnection' : 'connection', added);
  server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    quiet.delete(socket);
    response.once('close', () => {
      if (!socket.destroyed) quiet.add(socket);
    });
  });
}
