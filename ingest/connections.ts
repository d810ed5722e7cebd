import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Bounds how many connections are open. Beyond that the one that has asked nothing for the longest time is closed for
 * each new one, so that whoever has something to ask, a probe too, always gets in. Who has begun a request and lets its
 * body wait has asked nothing yet: anybody may do that, on as many connections as there are. Those whose request is being
 * answered are left alone.
 */
export function boundConnections(server: Server, most: number): void {
  /** Those without a whole request, in the order since when. */
  const quiet = new Set<Socket>();
  let open = 0;
  const isQuietFromNowOn = (socket: Socket) => {
    quiet.delete(socket);
    quiet.add(socket);
  };
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
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const { socket } = request;
    const asked = () => quiet.delete(socket);
    if (hasBody(request)) {
      isQuietFromNowOn(socket);
      request.once('end', asked);
    } else asked();
    response.once('close', () => {
      // A body may go on after its answer.
      request.off('end', asked);
      if (!socket.destroyed) isQuietFromNowOn(socket);
    });
  });
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}
