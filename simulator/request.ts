import { ApiError, invalidParameter, missingParameter, outOfRange } from './errors';

export type JsonObject = Readonly<Record<string, unknown>>;

/** One call of the API, as a route sees it. */
export interface ApiRequest {
  readonly method: string;
  /** Path segments that the route's template names, still percent-encoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** The raw body; empty when there was none. */
  readonly text: string;
}

/** What a route answers. Without a body the answer has zero length and no content type. */
export interface Reply {
  readonly status: number;
  readonly body?: unknown;
}

export const NO_CONTENT: Reply = { status: 204 };

/** The body as a JSON object. An empty body is reported as 400 missing_parameter by practitioners. */
export function bodyOf(request: ApiRequest): JsonObject {
  if (request.text.trim() === '') throw missingParameter('No inputs in the body');
  const value = parsed(request.text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ApiError(400, 'bad_request', 'Input must be a valid JSON object');
  }
  return value as JsonObject;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Readers of one field of a body: undefined when it is absent or null, 400 when it has another type. */
export function stringField(body: JsonObject, name: string): string | undefined {
  const value = body[name] ?? undefined;
  if (value === undefined || typeof value === 'string') return value;
  throw invalidParameter(`${name} should be a string`);
}

export function booleanField(body: JsonObject, name: string): boolean | undefined {
  const value = body[name] ?? undefined;
  if (value === undefined || typeof value === 'boolean') return value;
  throw invalidParameter(`${name} should be a boolean`);
}

export function objectField(body: JsonObject, name: string): JsonObject {
  const value = body[name] ?? {};
  if (typeof value === 'object' && !Array.isArray(value)) return value as JsonObject;
  if (Array.isArray(value) && value.length === 0) return {};
  throw invalidParameter(`${name} should be an object`);
}

/** List ids and contact ids: positive whole numbers; digits in quotes are refused (Brevo's API reference: int[]). */
export function idsField(body: JsonObject, name: string): number[] {
  return arrayField(body, name, (item) => typeof item === 'number' && Number.isInteger(item) && item > 0);
}

export function stringsField(body: JsonObject, name: string): string[] {
  return arrayField(body, name, (item) => typeof item === 'string');
}

function arrayField<T>(body: JsonObject, name: string, fits: (item: unknown) => boolean): T[] {
  const value = body[name] ?? [];
  if (Array.isArray(value) && value.every(fits)) return value;
  throw invalidParameter(`${name} should be an array of valid values`);
}

export interface Page {
  readonly limit: number;
  readonly offset: number;
  readonly ascending: boolean;
}

/** limit, offset and sort of a listing. Seen in Brevo's API reference: the default order is descending by creation. */
export function pageOf(query: URLSearchParams, defaultLimit: number, maxLimit: number): Page {
  const limit = wholeNumber(query, 'limit') ?? defaultLimit;
  if (limit > maxLimit) throw outOfRange(`Limit exceeds max value of ${maxLimit}`);
  const sort = query.get('sort') ?? 'desc';
  if (sort !== 'asc' && sort !== 'desc') throw invalidParameter('sort should be asc or desc');
  return { limit, offset: wholeNumber(query, 'offset') ?? 0, ascending: sort === 'asc' };
}

function wholeNumber(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw invalidParameter(`${name} should be a whole number`);
}

/** Ids given by repeating the key (Brevo's API reference), also as `key[]=` or separated by commas. */
export function idsOfQuery(query: URLSearchParams, name: string): number[] {
  const texts = [...query.getAll(name), ...query.getAll(`${name}[]`)].flatMap((text) => text.split(','));
  return texts.map((text) => {
    if (/^[1-9]\d{0,15}$/.test(text)) return Number(text);
    throw invalidParameter(`${name} should hold integers`);
  });
}
