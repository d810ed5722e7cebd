import { describe, expect, test } from '@jest/globals';
import { ServiceError } from '@temporalio/client';
import { describeError, wantsStacks } from '../../../cli/describe-error';
import { CommandError, EXIT } from '../../../cli/exit';
import { ConfigError } from '../../../config';
import { TemporalConfigurationError, TemporalServerError } from '../../../temporal/errors';

function exitCodeOf(error: unknown): number {
  return describeError(error, false).exitCode;
}

describe('an error that ends a command', () => {
  test('exits with 2 when the configuration or the environment is wrong', () => {
    expect(exitCodeOf(new ConfigError('consent-sync.json', [{ path: 'x', message: 'is wrong' }]))).toBe(
      EXIT.usage,
    );
    expect(exitCodeOf(new TemporalConfigurationError('no such profile'))).toBe(EXIT.usage);
  });

  test('exits with 1 otherwise, or as the command says', () => {
    expect(exitCodeOf(new TemporalServerError('did not start'))).toBe(EXIT.failed);
    expect(exitCodeOf(new Error('unforeseen'))).toBe(EXIT.failed);
    expect(exitCodeOf('a thrown text')).toBe(EXIT.failed);
    expect(exitCodeOf(new CommandError('no such file', EXIT.usage))).toBe(EXIT.usage);
  });

  test('is told without a stack, unless the log level asks for it', () => {
    const error = new Error('what happened');
    expect(describeError(error, false).text).toBe('what happened');
    expect(describeError(error, true).text).toContain('describe-error.test.ts');
    expect(wantsStacks({ LOG_LEVEL: 'debug' })).toBe(true);
    expect(wantsStacks({ LOG_LEVEL: 'TRACE' })).toBe(true);
    expect(wantsStacks({ LOG_LEVEL: 'info' })).toBe(false);
    expect(wantsStacks({})).toBe(false);
  });

  test('of Temporal is told in the words of the server', () => {
    const grpc = Object.assign(new Error('7 PERMISSION_DENIED: no access'), {
      code: 7,
      details: 'no access',
      metadata: {},
    });
    expect(describeError(grpc, false).text).toBe('Temporal refused the request: no access');
    expect(describeError(new ServiceError('Failed to query', { cause: grpc }), false).text).toBe(
      'Temporal refused the request: no access',
    );
  });
});
