import { describe, expect, test } from '@jest/globals';
import { assertSafeToListen, isLoopback, listenAddress, loadConfig, metricsAddress } from '../../../config';
import { classic, errorOf } from './support';

describe('where ingestion listens', () => {
  test.each([
    '127.0.0.1',
    '127.8.9.10',
    'localhost',
    'LOCALHOST',
    '::1',
    '0:0:0:0:0:0:0:1',
    '::ffff:127.0.0.1',
  ])('%s is this machine alone, and needs no authentication', (host) => {
    expect(isLoopback(host)).toBe(true);
    expect(() => assertSafeToListen(host, { type: 'none' })).not.toThrow();
  });

  test.each([
    '0.0.0.0',
    '::',
    '192.168.1.2',
    'example.com',
    '127.1',
    'localhost.example.com',
    '::ffff:10.0.0.1',
    '',
  ])('%j may be reached by others, and is refused without authentication', (host) => {
    expect(errorOf(() => assertSafeToListen(host, { type: 'none' })).problems[0]).toMatchObject({
      path: 'ingest.auth',
      message: expect.stringContaining('refuses to start'),
      fix: expect.stringContaining('bearer'),
    });
    expect(() => assertSafeToListen(host, { type: 'bearer' })).not.toThrow();
  });

  test('HOST and PORT win over the file', () => {
    const config = loadConfig({ object: classic({}, { ingest: { host: '127.0.0.2', port: 1 } }), env: {} });
    expect(listenAddress(config, {})).toEqual({ host: '127.0.0.2', port: 1 });
    expect(listenAddress(config, { host: 'localhost', port: 0 })).toEqual({ host: 'localhost', port: 0 });
  });

  test('a HOST that opens the service to others is refused without authentication', () => {
    const config = loadConfig({ object: classic(), env: {} });
    expect(errorOf(() => listenAddress(config, { host: '0.0.0.0' })).message).toContain('0.0.0.0');
  });

  test('a file that opens it may still be used by a process that does not listen, or listens elsewhere', () => {
    const config = loadConfig({ object: classic({}, { ingest: { host: '0.0.0.0' } }), env: {} });
    expect(() => listenAddress(config, {})).toThrow();
    expect(listenAddress(config, { host: '127.0.0.1' }).host).toBe('127.0.0.1');
  });
});

describe('where metrics are served', () => {
  const config = loadConfig({ object: classic({}, { ingest: { host: '127.0.0.2' } }), env: {} });

  test('is nowhere unless METRICS_PORT says so', () => {
    expect(metricsAddress(config, { metricsHost: '0.0.0.0' })).toBeUndefined();
  });

  test('is METRICS_HOST, else HOST, else the host of the file', () => {
    const metricsPort = 9464;
    const hosts = [{}, { host: '0.0.0.0' }, { host: '0.0.0.0', metricsHost: '127.0.0.3' }].map(
      (environment) => metricsAddress(config, { metricsPort, ...environment })?.host,
    );
    expect(hosts).toEqual(['127.0.0.2', '0.0.0.0', '127.0.0.3']);
  });

  test('is not the port of webhooks, unless any free one is asked for', () => {
    const error = errorOf(() => metricsAddress(config, { metricsPort: 8080 }, 8080));
    expect(error.problems[0]).toMatchObject({
      path: 'METRICS_PORT',
      message: expect.stringContaining('8080'),
    });
    expect(metricsAddress(config, { metricsPort: 0 }, 0)?.port).toBe(0);
  });
});
