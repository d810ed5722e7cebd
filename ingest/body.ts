import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { errorPosition } from '../files/json-position';
import { namedProblem, type ProblemError, plainProblem } from './problem';

const JSON_MEDIA_TYPE = /^(application\/json|[\w.-]+\/[\w.-]+\+json)$/i;
const CHARSET = /;\s*charset\s*=\s*"?([^";\s]*)/i;

/**
 * Refuses, before anything of it is read, a body that is said to be something else than plain JSON of at most
 * `maxBytes`.
 *
 * @throws ProblemError 413 or 415
 */
export function assertReadable(headers: IncomingHttpHeaders, maxBytes: number): void {
  const contentType = headers['content-type'];
  if (contentType === undefined) throw unsupported('There is no Content-Type header');
  if (!JSON_MEDIA_TYPE.test(contentType.split(';', 1).join('').trim())) {
    throw unsupported('The Content-Type is not one of JSON');
  }
  const [, charset = 'utf-8'] = CHARSET.exec(contentType) ?? [];
  if (!/^utf-?8$/i.test(charset)) throw unsupported('The charset is not UTF-8');
  const encoding = headers['content-encoding'] ?? 'identity';
  if (!/^identity$/i.test(encoding)) {
    throw plainProblem(
      415,
      { detail: 'The body has a Content-Encoding. Send it uncompressed.' },
      { 'accept-encoding': 'identity' },
    );
  }
  if ((declaredLength(headers) ?? 0) > maxBytes) throw tooLarge(maxBytes);
}

/** What the Content-Length header says, in bytes. */
export function declaredLength(headers: IncomingHttpHeaders): number | undefined {
  const length = headers['content-length'];
  return length === undefined ? undefined : Number(length);
}

/**
 * Reads a body to its end. Beyond `maxBytes` the rest still flows, but nothing of it is kept: a caller whose
 * connection is cut while it sends does not see the answer.
 *
 * @param arrived told how much has come so far; what it throws ends the reading in the same way
 * @throws ProblemError 413, and 400 when the caller went away
 */
export function readBody(
  request: IncomingMessage,
  maxBytes: number,
  arrived: (bytes: number) => void = () => {},
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    let refused = false;
    request.on('data', (chunk: Buffer) => {
      if (refused) return;
      length += chunk.length;
      try {
        if (length > maxBytes) throw tooLarge(maxBytes);
        arrived(length);
        chunks.push(chunk);
      } catch (error) {
        refused = true;
        chunks.length = 0;
        reject(error);
      }
    });
    request.once('end', () => resolve(Buffer.concat(chunks)));
    const broken = () => reject(plainProblem(400, { detail: 'The connection ended before the body did.' }));
    request.once('error', broken);
    request.once('close', broken);
  });
}

/**
 * Reads JSON in strict UTF-8. Keys such as `__proto__` are taken as any other key, so that what they stand beside is
 * not lost: whoever uses the value must pick the fields that they know.
 *
 * @throws ProblemError 400 that says where, and repeats nothing of the text
 */
export function parseJson(bytes: Uint8Array): unknown {
  if (bytes.length === 0)
    throw notJson('The body is empty; a Didomi message, or an array of them, is expected.');
  const text = decode(bytes);
  try {
    return JSON.parse(text);
  } catch {
    const position = errorPosition(text);
    const where = position ? ` at line ${position.line}, column ${position.column}` : '';
    throw notJson(`The body stops being JSON${where}.`, position);
  }
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw notJson('The body is not UTF-8.');
  }
}

function notJson(
  detail: string,
  members: { readonly line?: number; readonly column?: number } = {},
): ProblemError {
  return namedProblem('not-json', { status: 400, title: 'Not JSON', detail, ...members });
}

function unsupported(reason: string): ProblemError {
  return plainProblem(
    415,
    { detail: `${reason}. Send JSON in UTF-8 as "Content-Type: application/json".` },
    { accept: 'application/json' },
  );
}

function tooLarge(maxBytes: number): ProblemError {
  return plainProblem(413, {
    detail: `The body is larger than ${maxBytes} bytes (ingest.max_body_bytes). Send fewer messages at once.`,
  });
}
