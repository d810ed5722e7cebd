import { z } from 'zod';

const pattern = z.string().refine(isPattern, 'is no regular expression');

/** Fields that every fault takes. */
const common = {
  /** Which calls; all when absent. All given parts must fit. */
  match: z
    .strictObject({
      /** HTTP method. */
      method: z.string().optional(),
      /** Operation of Brevo's API description ("updateContact") or path template ("/contacts/{identifier}"). */
      route: z.string().optional(),
      /** Regular expression on the raw path below /v3, percent-encoded as it was sent, with its query. */
      path: pattern.optional(),
      /** Regular expression on the raw body. */
      body: pattern.optional(),
    })
    .optional(),
  /** Lets this many fitting calls pass first. */
  skip: z.int().min(0).optional(),
  /** Strikes at most this many calls, then is gone. */
  times: z.int().min(1).optional(),
  /** Share of the fitting calls that it strikes, 0 to 1. */
  probability: z.number().min(0).max(1).optional(),
  /** Seed of the random choice, so that a run can be repeated. Default 1. */
  seed: z.int().optional(),
  /** Is gone this many milliseconds after it was set. */
  forMs: z.int().min(0).optional(),
};

const milliseconds = z.number().min(0);

/**
 * A way in which the API misbehaves. `latency` and `withoutRateHeaders` add to what else happens; of the other kinds
 * the first that strikes decides, in the order in which they were set.
 *
 * - `latency`: waits `ms` (one number, or [least, most]) before the call is handled, or with `phase: "after"` between
 *   handling and answering: then a client that gave up finds its write done.
 * - `withoutRateHeaders`: the answer lacks the x-sib-ratelimit headers.
 * - `status`: answers `status` with what Brevo or Cloudflare send with it (500 `{}`, 502 to 504 an HTML page, 520 to 529
 *   plain text, 401 an unknown key, 402, 403, 408, 425, 429 …), or with `code`, `message`, `body`, `headers` of your
 *   own. `resetSeconds` is the x-sib-ratelimit-reset of a 429. `afterCommit`: the write is done all the same.
 * - `ipBlocked`: 401 with the text of IP blocking.
 * - `dropBefore`: closes the connection without handling the call. `dropAfterCommit`: handles it first.
 * - `halfBody`: handles the call, then breaks off in the middle of the answer.
 * - `trickle`: handles the call, then sends the answer a byte every `everyMs`.
 * - `flood`: answers 200 with `megabytes` of blanks, packed with gzip to a thousandth of that if `gzip`; nothing is
 *   handled.
 * - `errorInOk`: status 200, but an error as its body; nothing is handled.
 * - `redirect`: sends the client to `location`; nothing is handled.
 * - `hang`: never answers, and handles nothing.
 */
export const faultSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('latency'),
    ms: z.union([milliseconds, z.tuple([milliseconds, milliseconds])]),
    phase: z.enum(['before', 'after']).optional(),
    ...common,
  }),
  z.strictObject({ kind: z.literal('withoutRateHeaders'), ...common }),
  z.strictObject({
    kind: z.literal('status'),
    status: z.int().min(200).max(599),
    code: z.string().optional(),
    message: z.string().optional(),
    /** A string is sent as it is, anything else as JSON. */
    body: z.unknown().optional(),
    headers: z.record(z.string(), z.string()).optional(),
    resetSeconds: z.int().min(0).optional(),
    afterCommit: z.boolean().optional(),
    ...common,
  }),
  z.strictObject({ kind: z.literal('ipBlocked'), ...common }),
  z.strictObject({ kind: z.literal('dropBefore'), ...common }),
  z.strictObject({ kind: z.literal('dropAfterCommit'), ...common }),
  z.strictObject({ kind: z.literal('halfBody'), ...common }),
  z.strictObject({ kind: z.literal('trickle'), everyMs: z.number().min(1), ...common }),
  z.strictObject({
    kind: z.literal('flood'),
    megabytes: z.int().min(1).max(1024),
    gzip: z.boolean().optional(),
    ...common,
  }),
  z.strictObject({ kind: z.literal('errorInOk'), ...common }),
  z.strictObject({
    kind: z.literal('redirect'),
    status: z.union([z.literal(301), z.literal(302), z.literal(307), z.literal(308)]).optional(),
    location: z.string().optional(),
    ...common,
  }),
  z.strictObject({ kind: z.literal('hang'), ...common }),
]);

export type Fault = z.input<typeof faultSchema>;
export type LatencyFault = Extract<Fault, { kind: 'latency' }>;
/** The kinds of which one decides what happens to a call. */
export type DecidingFault = Exclude<Fault, { kind: 'latency' | 'withoutRateHeaders' }>;

function isPattern(text: string): boolean {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}
