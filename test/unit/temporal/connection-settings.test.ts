import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import {
  clientConnectionOptions,
  nativeConnectionOptions,
  settingsForEmbedded,
  temporalFromEnvironment,
} from '../../../temporal/connection-settings';
import { TemporalConfigurationError } from '../../../temporal/errors';
import { temporaryFolders } from '../../support/temporary-folder';

const newFolder = temporaryFolders();

const PROFILES = `
[profile.default]
address = "default.example.com:7233"
namespace = "from-file"

[profile.cloud]
address = "cloud.example.com:7233"
namespace = "ours.a1b2c"
api_key = "key-of-the-profile"

[profile.nowhere]
namespace = "lost"
`;

async function configFile(content = PROFILES): Promise<string> {
  const file = join(await newFolder(), 'temporal.toml');
  await writeFile(file, content);
  return file;
}

/** An environment in which no file of the person who runs the tests is found. */
async function emptyEnvironment(): Promise<NodeJS.ProcessEnv> {
  const home = await newFolder();
  return { HOME: home, XDG_CONFIG_HOME: join(home, 'config'), APPDATA: home };
}

test('nothing set: nothing names a server', async () => {
  expect(temporalFromEnvironment(await emptyEnvironment())).toBeUndefined();
});

test('variables that are set to nothing count as not set', async () => {
  const env = {
    ...(await emptyEnvironment()),
    TEMPORAL_ADDRESS: '',
    TEMPORAL_API_KEY: '',
    TEMPORAL_PROFILE: '',
  };
  expect(temporalFromEnvironment(env)).toBeUndefined();
});

test('TEMPORAL_ADDRESS is enough; the namespace is then "default" and the connection is plain', async () => {
  const env = { ...(await emptyEnvironment()), TEMPORAL_ADDRESS: 'temporal:7233', TEMPORAL_API_KEY: '' };
  const settings = temporalFromEnvironment(env);
  expect(settings).toMatchObject({ namespace: 'default', source: 'environment' });
  expect(settings && clientConnectionOptions(settings)).toMatchObject({ address: 'temporal:7233' });
});

test('an API key brings TLS with it, for client and worker alike', async () => {
  const env = {
    ...(await emptyEnvironment()),
    TEMPORAL_ADDRESS: 'ours.a1b2c.tmprl.cloud:7233',
    TEMPORAL_NAMESPACE: 'ours.a1b2c',
    TEMPORAL_API_KEY: 'secret',
    TEMPORAL_GRPC_META_X_TENANT: 'ours',
  };
  const settings = temporalFromEnvironment(env);
  const expected = { address: 'ours.a1b2c.tmprl.cloud:7233', apiKey: 'secret', tls: true };
  expect(settings?.namespace).toBe('ours.a1b2c');
  expect(settings && clientConnectionOptions(settings)).toMatchObject(expected);
  expect(settings && nativeConnectionOptions(settings)).toMatchObject(expected);
});

test('client certificates are read from the files that TEMPORAL_TLS_ variables name', async () => {
  const folder = await newFolder();
  const env: NodeJS.ProcessEnv = {
    ...(await emptyEnvironment()),
    TEMPORAL_ADDRESS: 'temporal.example.com:7233',
  };
  for (const name of ['CLIENT_CERT', 'CLIENT_KEY', 'SERVER_CA_CERT']) {
    await writeFile(join(folder, name), name);
    env[`TEMPORAL_TLS_${name}_PATH`] = join(folder, name);
  }
  env.TEMPORAL_TLS_SERVER_NAME = 'temporal.internal';
  const settings = temporalFromEnvironment(env);
  expect(settings && clientConnectionOptions(settings).tls).toEqual({
    serverNameOverride: 'temporal.internal',
    serverRootCACertificate: Buffer.from('SERVER_CA_CERT'),
    clientCertPair: { crt: Buffer.from('CLIENT_CERT'), key: Buffer.from('CLIENT_KEY') },
  });
});

test('a certificate file that does not exist is named', async () => {
  const env = {
    ...(await emptyEnvironment()),
    TEMPORAL_ADDRESS: 'temporal.example.com:7233',
    TEMPORAL_TLS_SERVER_CA_CERT_PATH: '/no/such/ca.pem',
  };
  expect(() => temporalFromEnvironment(env)).toThrow(/\/no\/such\/ca\.pem/);
});

test("the default profile of Temporal's file is used, and the environment wins over it", async () => {
  const env = { ...(await emptyEnvironment()), TEMPORAL_CONFIG_FILE: await configFile() };
  expect(temporalFromEnvironment(env)).toMatchObject({
    connectionOptions: { address: 'default.example.com:7233' },
    namespace: 'from-file',
    source: 'profile',
  });
  expect(temporalFromEnvironment({ ...env, TEMPORAL_ADDRESS: 'other:7233' })).toMatchObject({
    connectionOptions: { address: 'other:7233' },
    namespace: 'from-file',
    source: 'environment',
  });
});

test('a file at the place where Temporal keeps it is found', async () => {
  const env = await emptyEnvironment();
  const folder =
    process.platform === 'darwin'
      ? join(env.HOME ?? '', 'Library', 'Application Support', 'temporalio')
      : join(env.XDG_CONFIG_HOME ?? '', 'temporalio');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'temporal.toml'), PROFILES);
  expect(temporalFromEnvironment({ ...env, TEMPORAL_PROFILE: 'cloud' })).toMatchObject({
    connectionOptions: { address: 'cloud.example.com:7233', apiKey: 'key-of-the-profile', tls: true },
    source: 'profile',
  });
});

test.each([
  ['a profile that does not exist', { TEMPORAL_PROFILE: 'prod' }, /Profile 'prod' not found/],
  ['a profile without an address', { TEMPORAL_PROFILE: 'nowhere' }, /TEMPORAL_PROFILE is set, but/],
  [
    'a file that does not exist',
    { TEMPORAL_CONFIG_FILE: '/no/such.toml' },
    /\/no\/such\.toml, which does not exist/,
  ],
  ['an address with a scheme', { TEMPORAL_ADDRESS: 'http://temporal:7233' }, /host:port/],
  [
    'a switched-off host check',
    { TEMPORAL_ADDRESS: 'temporal:7233', TEMPORAL_TLS_DISABLE_HOST_VERIFICATION: 'true' },
    /always checked/,
  ],
])('%s is an error that says so', async (_, settings, message) => {
  const env = { ...(await emptyEnvironment()), TEMPORAL_CONFIG_FILE: await configFile(), ...settings };
  expect(() => temporalFromEnvironment(env)).toThrow(TemporalConfigurationError);
  expect(() => temporalFromEnvironment(env)).toThrow(message);
});

test.each([
  [
    'an API key with a line break at its end',
    { TEMPORAL_API_KEY: 'secret-key\n' },
    /API key holds .* line break/,
  ],
  ['an API key beyond ASCII', { TEMPORAL_API_KEY: 'secret-key\u00e9' }, /beyond ASCII/],
  ['a gRPC header with a line break', { TEMPORAL_GRPC_META_X_KEY: 'secret-key\n' }, /header x-key /],
  ['a password in the address', { TEMPORAL_ADDRESS: 'http://me:secret-key@temporal:7233' }, /host:port/],
])('%s is an error that does not repeat it', async (_, settings, message) => {
  const env = { ...(await emptyEnvironment()), TEMPORAL_ADDRESS: 'temporal:7233', ...settings };
  expect(() => temporalFromEnvironment(env)).toThrow(message);
  expect(() => temporalFromEnvironment(env)).not.toThrow(/secret-key/);
});

test('an API key without an address is an error, not an embedded server', async () => {
  const env = { ...(await emptyEnvironment()), TEMPORAL_API_KEY: 'secret' };
  expect(() => temporalFromEnvironment(env)).toThrow(/TEMPORAL_API_KEY is set, but .* TEMPORAL_ADDRESS/);
});

test('a file that is not TOML is named, and no secret in it is shown', async () => {
  const file = await configFile('[profile.default]\naddress = \napi_key = "secret-key"\n');
  const env = { ...(await emptyEnvironment()), TEMPORAL_CONFIG_FILE: file };
  const message = (() => {
    try {
      temporalFromEnvironment(env);
      return '';
    } catch (error) {
      return (error as Error).message;
    }
  })();
  expect(message).toContain(file);
  expect(message).toContain('line 2, column');
  expect(message).not.toContain('secret-key');
});

test('a server on this machine is never asked through a proxy', () => {
  const settings = settingsForEmbedded({ address: '127.0.0.1:7233', namespace: 'default' });
  expect(clientConnectionOptions(settings)).toEqual({
    address: '127.0.0.1:7233',
    channelArgs: { 'grpc.enable_http_proxy': 0, 'grpc.max_reconnect_backoff_ms': 3_000 },
  });
});
