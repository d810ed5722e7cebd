import { afterEach, describe, expect, test } from '@jest/globals';
import { EXIT } from '../../../cli/exit';
import { runService } from '../../../cli/service/service';

const log = { info: () => undefined };

afterEach(() => {
  process.removeAllListeners('SIGTERM');
  process.removeAllListeners('SIGINT');
});

describe('the end of a service', () => {
  test('stops its parts in the reverse order of their start, one after the other', async () => {
    const stopped: string[] = [];
    const code = await runService(log, async (service) => {
      for (const part of ['first', 'second']) {
        service.atEnd(async () => {
          await Promise.resolve();
          stopped.push(part);
        });
      }
      service.end();
    });
    expect({ code, stopped }).toEqual({ code: EXIT.done, stopped: ['second', 'first'] });
  });

  test('comes within the grace when a part hangs, and is a good one', async () => {
    const startedAt = performance.now();
    const service = runService(
      log,
      async ({ atEnd, end }) => {
        atEnd(() => new Promise(() => {}));
        end();
      },
      100,
    );
    expect(await service).toBe(EXIT.done);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });

  test('is a good one when a start that is under way fails because of it', async () => {
    const service = runService(log, async ({ end, stopping }) => {
      end();
      await new Promise((resolve) => stopping.addEventListener('abort', resolve));
      throw new Error('what was to be used is gone');
    });
    expect(await service).toBe(EXIT.done);
  });

  test('is a bad one when a part fails', async () => {
    await expect(runService(log, async ({ fail }) => fail(new Error('it broke')))).rejects.toThrow(
      'it broke',
    );
  });
});
