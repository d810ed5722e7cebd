import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import type { TlsFiles } from './config';
import { ConfigError, type Problem } from './problem';
import { shortText } from './tree';

/** A certificate and its key, as the files hold them now. */
export interface TlsIdentity {
  readonly cert: Buffer;
  readonly key: Buffer;
  /** For whom the certificate is: names and addresses. */
  readonly names: readonly string[];
  readonly validFrom: Date;
  readonly validTo: Date;
}

const SOURCE = 'TLS files';

/**
 * Reads both files and sees whether they belong together. Whether the certificate is still valid, the caller judges.
 *
 * @throws {ConfigError} that says which file is at fault, and never shows what it holds
 */
export function readTlsFiles(files: TlsFiles): TlsIdentity {
  const problems: Problem[] = [];
  const attempt = <T>(key: keyof TlsFiles, act: () => T): T | undefined => {
    try {
      return act();
    } catch (error) {
      problems.push({ path: `ingest.tls.${key}`, ...explain(error, key, files[key]) });
      return undefined;
    }
  };
  const cert = attempt('cert', () => readFileSync(files.cert));
  const key = attempt('key', () => readFileSync(files.key));
  const certificate = cert && attempt('cert', () => new X509Certificate(cert));
  const privateKey = key && attempt('key', () => createPrivateKey(key));
  if (cert && key && certificate && privateKey) {
    attempt('key', () => assertPair(certificate, privateKey));
    if (problems.length === 0) attempt('cert', () => createSecureContext({ cert, key }));
    if (problems.length === 0) {
      const { validFrom, validTo } = certificate;
      const dates = { validFrom: new Date(validFrom), validTo: new Date(validTo) };
      return { cert, key, names: namesOf(certificate), ...dates };
    }
  }
  throw new ConfigError(SOURCE, problems);
}

/** What is wrong with the time of a certificate at `now`, or undefined. */
export function validityProblem({ validFrom, validTo }: TlsIdentity, now: Date): string | undefined {
  if (now > validTo) return `the TLS certificate expired on ${validTo.toISOString()}: callers refuse it`;
  if (now < validFrom) return `the TLS certificate is valid only from ${validFrom.toISOString()} on`;
  return undefined;
}

class NoPair extends Error {}

function assertPair(certificate: X509Certificate, key: KeyObject): void {
  if (!certificate.checkPrivateKey(key)) throw new NoPair();
}

function namesOf({ subjectAltName, subject }: X509Certificate): string[] {
  if (subjectAltName === undefined) return [subject.replaceAll('\n', ', ')];
  return subjectAltName.split(', ').map((name) => name.replace(/^(DNS|IP Address):/, ''));
}

const READ_PROBLEMS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EISDIR: 'is a folder',
  EACCES: 'may not be read by this process',
  EPERM: 'may not be read by this process',
};

function explain(
  error: unknown,
  key: keyof TlsFiles,
  file: string,
): { readonly message: string; readonly fix: string } {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  const name = shortText(file);
  const unread = READ_PROBLEMS[code];
  if (unread !== undefined) {
    return { message: `${name}: ${unread}`, fix: 'The path counts from the current folder.' };
  }
  if (error instanceof NoPair) {
    return {
      message: `${name} is not the key of the certificate in ingest.tls.cert`,
      fix: 'Name the two files that were made together. The certificate itself has to come first in its file.',
    };
  }
  if (code === 'ERR_MISSING_PASSPHRASE' || code === 'ERR_OSSL_CRYPTO_INTERRUPTED_OR_CANCELLED') {
    return {
      message: `${name} is protected by a passphrase`,
      fix: 'Write it without one: openssl pkey -in FILE -out FILE.',
    };
  }
  const what = key === 'cert' ? 'a certificate' : 'a private key';
  return {
    message: `${name} does not hold ${what} that can be used (${code || 'not understood'})`,
    fix: `Give the file in PEM form, as text that begins with -----BEGIN.`,
  };
}
