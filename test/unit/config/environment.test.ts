import { describe, expect, test } from '@jest/globals';
import { readEnvironment } from '../../../config';
import { errorOf } from './support';

const problem = (env: Record<string, string>) => {
  const { problems } = errorOf(() => readEnvironment(env));
  expect(problems).toHaveLength(1);
  return problems[0];
};

describe('the environment', () => {
  test('has defaults for what it does not say', () => {
    expect(readEnvironment({})).toEqual({
      brevoApiUrl: 'https://api.brevo.com/v3',
      shutdownGraceMs: 25_000,
      logLevel: 'info',
      dataDirectory: './.consent-sync',
    });
  });

  test('is taken over where it says something', () => {
    const environment = readEnvironment({
      CONSENT_SYNC_CONFIG: 'a.json',
      BREVO_API_URL: 'http://127.0.0.1:4010/v3/',
      HOST: '0.0.0.0',
      PORT: '0',
      METRICS_PORT: '9464',
      LOG_LEVEL: 'DEBUG',
      CONSENT_SYNC_ID_KEY: 'k'.repeat(32),
      CONSENT_SYNC_DATA: '/var/lib/consent-sync',
      SHUTDOWN_GRACE: '90 seconds',
    });
    expect(environment).toEqual({
      configFile: 'a.json',
      brevoApiUrl: 'http://127.0.0.1:4010/v3',
      host: '0.0.0.0',
      port: 0,
      metricsPort: 9464,
      shutdownGraceMs: 90_000,
      logLevel: 'debug',
      dataDirectory: '/var/lib/consent-sync',
    });
    expect(environment.idKey).toBe('k'.repeat(32));
  });

  test('counts an empty variable as not set', () => {
    const env = {
      BREVO_API_URL: '',
      HOST: '',
      PORT: '',
      METRICS_PORT: '',
      LOG_LEVEL: '',
      CONSENT_SYNC_DATA: '',
    };
    expect(readEnvironment(env)).toEqual(readEnvironment({}));
  });

  test('an empty or short CONSENT_SYNC_ID_KEY is refused, as it would be guessed', () => {
    expect(problem({ CONSENT_SYNC_ID_KEY: '' })).toMatchObject({ message: 'is set but empty' });
    expect(problem({ CONSENT_SYNC_ID_KEY: 'k'.repeat(31) })).toMatchObject({
      path: 'CONSENT_SYNC_ID_KEY',
      message: 'must have at least 32 characters, but has 31',
    });
  });

  test.each(['65536', '-1', '80a', '1e3', ' 80', '0x50', '999999'])(
    'PORT and METRICS_PORT refuse %j',
    (port) => {
      expect(problem({ PORT: port })?.path).toBe('PORT');
      expect(problem({ METRICS_PORT: port })?.path).toBe('METRICS_PORT');
    },
  );

  test.each(['http://[::1]:1/v3', 'http://localhost/v3', 'http://127.1.2.3/v3', 'https://brevo.example'])(
    'BREVO_API_URL may be %s',
    (url) => {
      expect(readEnvironment({ BREVO_API_URL: url }).brevoApiUrl).toBe(url);
    },
  );

  test.each([
    ['api.brevo.com/v3', 'http or https URL'],
    ['ftp://api.brevo.com/v3', 'http or https URL'],
    ['http://api.brevo.com/v3', 'API key in clear'],
    ['http://localhost.example/v3', 'API key in clear'],
    ['https://user:pass@api.brevo.com/v3', 'without user'],
    ['https://api.brevo.com/v3?x=1', 'without user'],
    ['https://api.brevo.com/v3#x', 'without user'],
  ])('BREVO_API_URL refuses %s', (url, message) => {
    expect(problem({ BREVO_API_URL: url })).toMatchObject({
      path: 'BREVO_API_URL',
      message: expect.stringContaining(message),
    });
  });

  test.each(['25', 'soon', '0 seconds', '2 hours'])('SHUTDOWN_GRACE refuses %j', (grace) => {
    expect(problem({ SHUTDOWN_GRACE: grace })).toMatchObject({
      path: 'SHUTDOWN_GRACE',
      message: expect.stringContaining('1 second to 1 hour'),
    });
  });

  test('an unknown LOG_LEVEL and an impossible HOST are refused', () => {
    expect(problem({ LOG_LEVEL: 'verbose' })?.message).toContain(
      'trace, debug, info, warn, error, fatal, silent',
    );
    expect(problem({ HOST: 'localhost:8080/x' })?.path).toBe('HOST');
  });

  test('everything that is wrong is named at once', () => {
    const { problems } = errorOf(() => readEnvironment({ PORT: 'x', LOG_LEVEL: 'x', BREVO_API_URL: 'x' }));
    expect(problems.map(({ path }) => path).sort()).toEqual(['BREVO_API_URL', 'LOG_LEVEL', 'PORT']);
    expect(problems.every(({ fix }) => fix !== undefined)).toBe(true);
  });
});
