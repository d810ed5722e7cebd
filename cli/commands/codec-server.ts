import { findTemporal } from '../../client/default-connection';
import { ConfigError, isLoopback, loadConfig, readEnvironment } from '../../config';
import { EncryptionCodec } from '../../encryption/payload-codec';
import { urlOf } from '../../ingest/address';
import { codecServer } from '../codec-server/application';
import type { CommonOptions } from '../common-options';
import { CommandError, EXIT, type ExitCode } from '../exit';
import { printJson, printLine, tell } from '../output';
import { changeLevelOnSignal } from '../service/log-level';
import { createLogger } from '../service/logger';
import { runService } from '../service/service';

export interface CodecServerOptions extends CommonOptions {
  readonly host: string;
  readonly port: number;
  readonly origin?: readonly string[];
}

/** Decrypts for Temporal's UI and CLI what consent-sync has encrypted, until a signal. */
export async function codecServerCommand(options: CodecServerOptions): Promise<ExitCode> {
  const { host, port, json } = options;
  const { encryption } = loadConfig({ file: options.config });
  if (!encryption) {
    throw new CommandError(
      'Nothing is encrypted: the configuration has no `encryption`, so there is nothing to decode.',
      EXIT.usage,
    );
  }
  const { codecToken: token, logLevel } = readEnvironment();
  if (token === undefined && !isLoopback(host)) throw openToAll(host);
  const origins = new Set(options.origin ?? (await embeddedUi()));
  const logger = createLogger(logLevel);
  changeLevelOnSignal(logger);
  const codec = new EncryptionCodec({ ...encryption, acceptUnencrypted: true });
  return runService(logger, async (service) => {
    const app = codecServer({ codec, access: { token, origins }, logger });
    await app.listen({ host, port }).catch(({ code }: NodeJS.ErrnoException) => {
      const where = `${host}, port ${port}`;
      throw new CommandError(
        `Cannot listen on ${where} (${code}): choose others with --host and --port.`,
        EXIT.usage,
      );
    });
    service.atEnd(() => app.close());
    const url = urlOf(host, app.server.address(), false);
    if (json)
      printJson({ url, origins: [...origins], authentication: token === undefined ? 'none' : 'bearer' });
    else {
      printLine(`Codec server: ${url}`);
      printLine(`For the Temporal CLI: --codec-endpoint ${url}${token ? ' --codec-auth "Bearer …"' : ''}`);
    }
    const pages = [...origins].join(', ');
    tell(
      pages === '' ? 'No page may use it: name the Temporal UI with --origin.' : `Open to pages of: ${pages}`,
    );
  });
}

/** The UI of an embedded server that runs in the data folder, under both names of this machine. */
async function embeddedUi(): Promise<string[]> {
  const uiUrl = await findTemporal(process.env).then(
    (found) => found.uiUrl,
    // Histories are decoded for whoever has them: no server has to run.
    () => undefined,
  );
  if (uiUrl === undefined) return [];
  const { origin, port } = new URL(uiUrl);
  return [origin, `http://localhost:${port}`];
}

function openToAll(host: string): ConfigError {
  return new ConfigError('listen address', [
    {
      path: 'CONSENT_SYNC_CODEC_TOKEN',
      message: `is not set: refuses to start on ${host} without it, because anyone who reaches it could read what is encrypted`,
      fix: 'Make one with: openssl rand -hex 32. Or listen on 127.0.0.1.',
    },
  ]);
}
