import { describe, expect, test } from '@jest/globals';
import { loadConfig } from '../../../config';
import { classic, problemOf, problemsOf } from './support';

const replaced = (value: string, env: Record<string, string>) =>
  loadConfig({ object: classic({ properties: [{ id: 'A', value }] }), env }).integrations.get('default')
    ?.rules.mappings[0]?.value;

describe('variables', () => {
  test('are replaced anywhere inside a text, as often as they stand there', () => {
    expect(replaced(`consents_\${KIND}_\${ID}_\${KIND}`, { KIND: 'purposes', ID: 'n' })).toBe(
      'consents_purposes_n_purposes',
    );
  });

  test('are not replaced again inside what was replaced', () => {
    expect(replaced(`a\${A}`, { A: `\${B}`, B: 'no' })).toBe(`a\${B}`);
  });

  test('do not stand for numbers, so that digits of a list are fine', () => {
    const object = classic({ list_id: `\${LIST}` });
    expect(loadConfig({ object, env: { LIST: '12' } }).integrations.get('default')?.rules.listId).toBe(12);
  });

  test('can be escaped', () => {
    expect(replaced(`a$\${A}b\${A}`, { A: '1' })).toBe(`a\${A}b1`);
    expect(replaced('a$b$$c', {})).toBe('a$b$$c');
  });

  test('that are not set are named, once each, without a second complaint about the same value', () => {
    const object = classic({ api_key: `\${KEY}`, list_id: `\${LIST}` });
    expect(problemsOf({ object }).map(({ path, message }) => `${path} ${message}`)).toEqual([
      'config.api_key needs the environment variable KEY, which is not set',
      'config.list_id needs the environment variable LIST, which is not set',
    ]);
  });

  test('of one text are all named', () => {
    const object = classic({ properties: [{ id: 'A', value: `\${X}\${Y}` }] });
    expect(problemsOf({ object }).map(({ message }) => message)).toEqual([
      expect.stringContaining('variable X,'),
      expect.stringContaining('variable Y,'),
    ]);
  });

  test('that are set but empty are refused where a secret belongs', () => {
    expect(problemOf(classic({ api_key: `\${KEY}` }), { KEY: '' }).message).toBe(
      'needs the environment variable KEY, which is set but empty',
    );
    const auth = { type: 'bearer', token: `a-long-enough-prefix-\${TOKEN}` };
    expect(problemOf(classic({}, { ingest: { auth } }), { TOKEN: '' }).message).toContain('TOKEN');
  });

  test('that only Object.prototype has are not set', () => {
    expect(problemOf(classic({ api_key: `\${constructor}` })).message).toContain(
      'constructor, which is not set',
    );
  });

  test.each([`\${}`, `\${A`, `\${A B}`, `\${1A}`, `\${A-B}`, `\${A\${B}}`])(
    '%s is refused as malformed',
    (value) => {
      expect(
        problemsOf({ object: classic({ properties: [{ id: 'A', value }] }), env: { B: 'b' } })[0]?.message,
      ).toContain('does not begin');
    },
  );

  test('with a value that does not fit are named instead of shown', () => {
    expect(problemOf(classic({ list_id: `\${LIST}` }), { LIST: 'private' }).message).toBe(
      `must be the number of a Brevo list, such as 7 or "7"; what \${LIST} holds is not`,
    );
  });
});
