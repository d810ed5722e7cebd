import { readFileSync } from 'node:fs';
import { z } from 'zod';

const EXAMPLE = `an object such as {"keys": [{"id": "2026-11", "key": "\${CONSENT_SYNC_ENCRYPTION_KEY}"}]}`;
const KEYS = 'a list of at least one key: the first encrypts, all decrypt';
const ENTRY = `an object such as {"id": "2026-11", "key": "\${CONSENT_SYNC_ENCRYPTION_KEY}"}`;
const ID = '1 to 64 letters, digits, _ or -';
const KEY = '32 bytes in base64, which are 44 characters that end in =';
const KEY_FILE = 'the path of a file that holds a key';
const MAKE_ONE = 'Make one with: openssl rand -base64 32';

const KEY_BYTES = 32;
const BASE64_OF_KEY = /^[A-Za-z0-9+/]{43}=$/;
/** More is no key, and is not read. */
const MAX_FILE_BYTES = 1_024;

/** Whether a text is what {@link KEY} says, spelled in the one way in which encoders spell it. */
function isKey(text: string): boolean {
  const bytes = Buffer.from(text, 'base64');
  return BASE64_OF_KEY.test(text) && bytes.length === KEY_BYTES && bytes.toString('base64') === text;
}

const keyText = z
  .string({ error: KEY })
  .regex(BASE64_OF_KEY, { error: KEY })
  // Of a text that does not look like one that has been said.
  .refine((text) => !BASE64_OF_KEY.test(text) || isKey(text), { error: KEY })
  .meta({ description: `The key: ${KEY}.`, examples: [`\${CONSENT_SYNC_ENCRYPTION_KEY}`] });

/** Becomes the key. The path is never repeated: somebody may have written the key itself there. */
const keyFile = z
  .string({ error: KEY_FILE })
  .transform((path, context) => {
    const read = readKey(path);
    if ('key' in read) return read.key;
    context.addIssue({ code: 'custom', message: read.message, params: { fix: read.fix } });
    return z.NEVER;
  })
  .meta({
    description: 'A file that holds the key, instead of `key`; its path counts from the current folder.',
  });

function readKey(
  path: string,
): { readonly key: string } | { readonly message: string; readonly fix: string } {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    const { code = 'no reason given' } = error as NodeJS.ErrnoException;
    const fix = 'Give the path of a file that this process may read; it counts from the current folder.';
    return { message: `must name a file that holds a key, but that cannot be read (${code})`, fix };
  }
  const key = bytes.length > MAX_FILE_BYTES ? '' : bytes.toString('latin1').trim();
  return isKey(key) ? { key } : { message: `names a file that does not hold ${KEY}`, fix: MAKE_ONE };
}

const entry = z
  .strictObject(
    {
      id: z
        .string({ error: ID })
        .regex(/^[A-Za-z0-9_-]{1,64}$/, { error: ID })
        .meta({ description: `Names the key in what it encrypted: ${ID}. Not a secret.` }),
      key: keyText.optional(),
      key_file: keyFile.optional(),
    },
    { error: ENTRY },
  )
  .superRefine(({ key, key_file }, context) => {
    if ((key === undefined) !== (key_file === undefined)) return;
    const message = key === undefined ? 'has neither a key nor a key_file' : 'has both a key and a key_file';
    context.addIssue({ code: 'custom', message, params: { fix: `Give one of the two. ${MAKE_ONE}` } });
  });

/** The setting `encryption`. */
export const encryptionShape = z
  .strictObject(
    {
      keys: z
        .array(entry, { error: KEYS })
        .min(1, { error: KEYS })
        .superRefine((keys, context) => {
          for (const [index, { id, key, key_file }] of keys.entries()) {
            const earlier = keys.slice(0, index);
            const repeat = (part: string, message: string, fix: string) =>
              context.addIssue({ code: 'custom', path: [index, part], message, params: { fix } });
            if (earlier.some((one) => one.id === id)) {
              repeat('id', 'is the id of an earlier key too', 'Give each key an id of its own.');
            }
            const own = key ?? key_file;
            if (own !== undefined && earlier.some((one) => (one.key ?? one.key_file) === own)) {
              const part = key === undefined ? 'key_file' : 'key';
              repeat(part, 'is the same key as an earlier one', 'Remove one of the two, or make a new key.');
            }
          }
        })
        .meta({
          description: 'The first encrypts, all decrypt: so keys can be changed while everything runs.',
        }),
      accept_unencrypted: z.boolean({ error: 'true or false' }).default(false).meta({
        description:
          'Whether what was stored in Temporal before encryption was switched on is read. For the time of switching over only: while it is true, whoever can write to Temporal can write consents.',
      }),
    },
    { error: EXAMPLE },
  )
  .optional()
  .meta({
    id: 'Encryption',
    description: 'Encrypts what Temporal stores, and the work files of resyncs, with AES-256-GCM.',
  });
