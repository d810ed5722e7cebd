import { expect, test } from '@jest/globals';
import { OrderedTasks } from '../../../cli/send/ordered-tasks';

/** A task that ends when it is told to. */
function controlled() {
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { run: () => ended, end };
}

test('tasks of one key run one after the other, those of others side by side', async () => {
  const tasks = new OrderedTasks(8);
  const begun: string[] = [];
  const first = controlled();
  await tasks.add('ana', () => {
    begun.push('ana 1');
    return first.run();
  });
  await tasks.add('ana', async () => {
    begun.push('ana 2');
  });
  await tasks.add('ben', async () => {
    begun.push('ben 1');
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect(begun).toEqual(['ana 1', 'ben 1']);
  first.end();
  await tasks.ended();
  expect(begun).toEqual(['ana 1', 'ben 1', 'ana 2']);
});

test('a task more than the limit has to wait', async () => {
  const tasks = new OrderedTasks(2);
  const one = controlled();
  await tasks.add('a', one.run);
  let added = false;
  const adding = tasks.add('b', controlled().run).then(() => {
    added = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect(added).toBe(false);
  one.end();
  await adding;
  expect(added).toBe(true);
});

test('what a task fails with is thrown, and no further task begins', async () => {
  const tasks = new OrderedTasks(8);
  await tasks.add('a', async () => {
    throw new Error('gone');
  });
  let begun = false;
  const add = async () => {
    await tasks.add('a', async () => {
      begun = true;
    });
    await tasks.ended();
  };
  await expect(add()).rejects.toThrow('gone');
  expect(begun).toBe(false);
});
