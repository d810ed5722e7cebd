import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ConfigError, type LoadInput, loadConfig } from '../../../config';
import { anyConfig } from '../../fuzz/any-config';
import { writeConfig } from './support';

/** Whether it was accepted. Anything but a ConfigError with problems is a bug. */
function loads(input: LoadInput): boolean {
  try {
    expect(loadConfig(input).integrations.size).toBeGreaterThan(0);
    return true;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    expect(error.problems.length).toBeGreaterThan(0);
    expect(error.message).not.toMatch(/undefined|xkeysib-1/);
    return false;
  }
}

describe('whatever it is given', () => {
  test('any JSON value is loaded or refused with a ConfigError', () => {
    fc.assert(fc.property(fc.jsonValue(), (object) => void loads({ object, env: {} })));
  });

  test('anything like a configuration is loaded or refused with a ConfigError', () => {
    let accepted = 0;
    fc.assert(
      fc.property(anyConfig, (object) => {
        accepted += loads({ object, env: { KEY: 'from-env', LIST: '9', X: 'x', SECRET: 'sixteen-from-env' } })
          ? 1
          : 0;
      }),
      { numRuns: 1_000 },
    );
    // Else the test would be about refusals only.
    expect(accepted).toBeGreaterThan(100);
  });

  test('a file says the same as the object that it holds', () => {
    fc.assert(
      fc.property(anyConfig, (object) => {
        const file = writeConfig(JSON.stringify(object, null, 2));
        expect(loads({ file, env: {} })).toBe(loads({ object: JSON.parse(JSON.stringify(object)), env: {} }));
      }),
      { numRuns: 100 },
    );
  });

  test('any text in a file is loaded or refused with a ConfigError', () => {
    const piece = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"',
      '"config"',
      '1',
      'null',
      '//',
      '/*',
      '\\',
      '\n',
      '-',
      'e',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.array(piece).map((pieces) => pieces.join('')),
        ),
        (text) => {
          expect(loads({ file: writeConfig(text), env: {} })).toBe(false);
        },
      ),
      { numRuns: 300 },
    );
  });
});
