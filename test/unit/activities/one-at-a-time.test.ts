import { expect, it } from '@jest/globals';
import { OneAtATime } from '../../../activities/resync/one-at-a-time';

/** Something that ends when it is told to. */
function work(log: string[], name: string) {
  let end: (error?: Error) => void = () => undefined;
  const ended = new Promise<void>((resolve, reject) => {
    end = (error) => (error ? reject(error) : resolve());
  });
  const act = async () => {
    log.push(`${name} begins`);
    await ended;
    log.push(`${name} ends`);
  };
  return { act, end: (error?: Error) => end(error) };
}

it('begins a step of a run when the one before has ended, also with a failure, and lets other runs be', async () => {
  const log: string[] = [];
  const steps = new OneAtATime();
  const [first, second, other] = ['first', 'second', 'other'].map((name) => work(log, name));
  if (!first || !second || !other) throw new Error('three were made');
  const failing = steps.run('run', first.act).catch(() => log.push('first failed'));
  const following = steps.run('run', second.act);
  const beside = steps.run('another run', other.act);
  other.end();
  await beside;
  first.end(new Error('its disk is full'));
  await failing;
  second.end();
  await following;
  expect(log.filter((line) => !line.startsWith('other'))).toEqual([
    'first begins',
    'first failed',
    'second begins',
    'second ends',
  ]);
});
