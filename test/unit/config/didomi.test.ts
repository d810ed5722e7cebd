import { describe, expect, test } from '@jest/globals';
import { checkConfig, loadConfig } from '../../../config';
import { classic, problemOf, problemsOf } from './support';

const ACCESS = { organization_id: 'acme', api_key: 'key', api_secret: 'secret' };
const withAccess = (changes: object) => classic({}, { didomi: { ...ACCESS, ...changes } });

describe("access to Didomi's API", () => {
  test('is absent unless it is set', () => {
    expect(loadConfig({ object: classic(), env: {} })).not.toHaveProperty('didomi');
  });

  test("is read, and goes to Didomi's own API unless another address is set", () => {
    const { didomi } = loadConfig({ object: withAccess({}), env: {} });
    expect(didomi).toMatchObject({ organizationId: 'acme', apiUrl: 'https://api.didomi.io/v1' });
    expect([didomi?.apiKey, didomi?.apiSecret]).toEqual(['key', 'secret']);
  });

  test.each([
    'http://127.0.0.1:4020/v1',
    'http://localhost/v1/',
    'http://[::1]:9/v1',
    'https://eu.example/v1',
  ])('may be at %s', (api_url) => {
    const { didomi } = loadConfig({ object: withAccess({ api_url }), env: {} });
    expect(didomi?.apiUrl).toBe(api_url.replace(/\/$/, ''));
  });

  test.each([
    ['http://api.didomi.io/v1', 'in clear'],
    ['ftp://127.0.0.1/v1', 'http or https'],
    ['api.didomi.io/v1', 'http or https'],
    ['https://user@api.didomi.io/v1', 'without user'],
    ['https://api.didomi.io/v1?key=1', 'without user'],
    ['', 'http or https'],
    [7, 'http or https'],
  ])('may not be at %s', (api_url, why) => {
    const problem = problemOf(withAccess({ api_url }));
    expect(problem.path).toBe('didomi.api_url');
    expect(problem.message).toContain(why);
  });

  test('names every part that is missing, at once', () => {
    const problems = problemsOf({ object: classic({}, { didomi: {} }) });
    expect(problems.map(({ path }) => path)).toEqual([
      'didomi.organization_id',
      'didomi.api_key',
      'didomi.api_secret',
    ]);
  });

  test('names the variable that is missing, and a key that is misspelt', () => {
    expect(problemOf(withAccess({ api_secret: `\${DIDOMI_SECRET}` })).message).toContain('DIDOMI_SECRET');
    expect(problemOf(withAccess({ api_secret: undefined, api_secert: 's' })).fix).toContain('api_secret');
  });

  test('is no part of one integration among several', () => {
    const problem = problemOf({ integrations: { a: classic({}, { didomi: ACCESS }) } });
    expect(problem.path).toBe('integrations.a.didomi');
  });

  test('is told of by config check', () => {
    const { ok, checks } = checkConfig({ object: withAccess({}), env: {} });
    expect(ok).toBe(true);
    expect(checks).toContainEqual(
      expect.objectContaining({
        name: 'didomi',
        message: expect.stringContaining('https://api.didomi.io/v1'),
      }),
    );
  });
});
