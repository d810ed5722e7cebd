import { z } from 'zod';
import { INGEST_AUTH } from './auth-shapes';
import { DEFAULTS } from './defaults';
import { readNetwork } from './networks';

const PORT = 'a port number from 0 to 65535';
const HOST = 'a host name or IP address, without a port or brackets';
const MIN_BODY = 1_024;
const MAX_BODY = 64 * 1_048_576;
const BODY_BYTES = `a number of bytes from ${MIN_BODY} to ${MAX_BODY}`;
const NETWORK = 'an IP address or a network such as "10.0.0.0/8"';
const MAX_NETWORKS = 1_000;
const TLS = 'an object such as {"cert": "/etc/consent-sync/tls.crt", "key": "/etc/consent-sync/tls.key"}';

const networks = (example: string, everyone?: string) => {
  const list = `a list of 1 to ${MAX_NETWORKS} IP addresses and networks such as "${example}"`;
  const network = z.string({ error: NETWORK }).superRefine((text, context) => {
    const read = readNetwork(text);
    if ('expected' in read) context.addIssue({ code: 'custom', message: read.expected });
    else if ('message' in read) {
      context.addIssue({ code: 'custom', message: read.message, params: { fix: read.fix } });
    } else if (everyone !== undefined && read.prefix === 0) {
      context.addIssue({ code: 'custom', message: everyone, params: { fix: 'List the proxies alone.' } });
    }
  });
  return z.array(network, { error: list }).min(1, { error: list }).max(MAX_NETWORKS, { error: list });
};

const file = (what: string) => {
  const meaning = `the path of ${what} in PEM form, not its text`;
  return z
    .string({ error: meaning })
    .regex(/^\S(.*\S)?$/, { error: meaning, abort: true })
    .refine((text) => !text.includes('-----BEGIN'), { error: meaning });
};

/** The HTTP server that takes webhooks. */
export const INGEST = z.strictObject(
  {
    host: z
      .string({ error: HOST })
      .regex(/^[A-Za-z0-9._:%-]+$/, { error: HOST })
      .default(DEFAULTS.ingest.host)
      .meta({ description: 'Address to listen on. The environment variable HOST wins.' }),
    port: z
      .int({ error: PORT })
      .min(0, { error: PORT })
      .max(65_535, { error: PORT })
      .default(DEFAULTS.ingest.port)
      .meta({ description: 'Port to listen on; 0 takes any free one. The environment variable PORT wins.' }),
    auth: INGEST_AUTH.default(DEFAULTS.ingest.auth).meta({
      description: 'Who may post events. none is accepted on a loopback address only.',
    }),
    allowed_ips: networks('35.159.1.63').optional().meta({
      description: 'Others are refused with 403. Absent: every address is allowed.',
    }),
    trusted_proxies: networks('10.0.0.0/8', 'would believe everybody who sends X-Forwarded-For')
      .optional()
      .meta({
        description: 'Proxies whose X-Forwarded-For tells where a request comes from. Absent: none.',
      }),
    max_body_bytes: z
      .int({ error: BODY_BYTES })
      .min(MIN_BODY, { error: BODY_BYTES })
      .max(MAX_BODY, { error: BODY_BYTES })
      .default(DEFAULTS.ingest.maxBodyBytes)
      .meta({ description: 'A larger request is answered with 413.' }),
    tls: z
      .strictObject(
        {
          cert: file('the certificate with its chain').meta({
            description: 'Certificate, followed by those between it and the root.',
          }),
          key: file('the private key').meta({ description: 'Private key, without a passphrase.' }),
        },
        { error: TLS },
      )
      .optional()
      .meta({ description: 'Speak TLS, with these files. They are read again when they change.' }),
  },
  { error: 'an object of settings for ingestion' },
);
