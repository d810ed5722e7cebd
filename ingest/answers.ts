import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { loggableError } from './loggable';
import { PROBLEM_MEDIA_TYPE, ProblemError, plainProblem } from './problem';
import type { RequestLog } from './request-log';

/** Makes every error of an application, its own and the framework's, a problem detail. */
export function answerProblems(app: FastifyInstance, log: RequestLog): void {
  const methods = new Map<string, Set<string>>();
  app.addHook('onRoute', ({ url, method }) => {
    const known = methods.get(url) ?? new Set();
    for (const one of [method].flat()) known.add(one);
    methods.set(url, known);
  });
  const refuse = (request: FastifyRequest): never => {
    const [path = ''] = request.url.split('?', 1);
    const allowed = methods.get(path);
    if (!allowed) throw plainProblem(404, { detail: 'There is no such route.' });
    const allow = [...allowed].join(', ');
    throw plainProblem(405, { detail: `This route takes ${allow} only.` }, { allow });
  };
  // Before the body of a request to nowhere is read.
  app.addHook('onRequest', async (request) => {
    if (request.is404) refuse(request);
  });
  app.setNotFoundHandler(refuse);
  app.setErrorHandler((error: unknown, request, reply) => sendProblem(error, request, reply, log));
}

export function sendProblem(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  log: RequestLog,
): FastifyReply {
  const { problem, headers } = asProblem(error, request, log);
  return reply
    .code(problem.status)
    .headers(headers)
    .type(PROBLEM_MEDIA_TYPE)
    .send(JSON.stringify({ ...problem, instance: `urn:uuid:${request.id}` }));
}

function asProblem(error: unknown, request: FastifyRequest, log: RequestLog): ProblemError {
  if (error instanceof ProblemError) {
    const { title, detail, field, line, column } = error.problem;
    // Where there is a field, the detail repeats its name, which may come from the caller.
    log.add(request, { title, ...(field === undefined && { detail }), line, column });
    return error;
  }
  const status = frameworkStatus(error);
  if (status !== undefined) return plainProblem(status);
  log.add(request, { error: loggableError(error) });
  return plainProblem(500, { detail: 'The service failed. Its log tells more under the id in "instance".' });
}

/** The status of what the framework refused by itself, such as a URL that cannot be decoded. */
function frameworkStatus(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('statusCode' in error) || !('code' in error)) return undefined;
  const { statusCode, code } = error;
  const refused = typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500;
  return refused && typeof code === 'string' && code.startsWith('FST_') ? statusCode : undefined;
}
