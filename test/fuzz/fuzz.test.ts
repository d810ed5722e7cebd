import { describe, expect, it } from '@jest/globals';
import { SEED } from '../support/seed';
import { fuzz } from './campaign';
import { Judge } from './judge';
import type { Target } from './target';
import { TARGETS } from './targets';

/** `npm run fuzz` gives many more. */
const INPUTS = 500;

const nameless = (read: Target['read'], corpus: Target['corpus'] = ['{"a":1}']): Target => ({
  name: 'parser of a test',
  corpus,
  read,
});

describe('a parser, whatever it is given', () => {
  it.each(TARGETS.map((target) => [target.name, target] as const))(
    '(%s) reads it or refuses it as it says, soon, and changes nothing else',
    async (_, target) => {
      const inputs = Math.ceil(INPUTS * (target.share ?? 1));
      const { figures, fault } = await fuzz(target, { inputs, seed: SEED });
      if (fault) {
        const input = JSON.stringify(fault.minimal.toString('latin1').slice(0, 1_000));
        throw new Error(`${fault.error.stack}\nseed ${SEED}, input ${input}`);
      }
      // Else it would be about refusals only, or about none.
      expect(figures.understood).toBeGreaterThan(inputs / 200);
      expect(figures.refused).toBeGreaterThan(inputs / 200);
    },
  );
});

describe('the fuzzing itself', () => {
  const faultOf = async (target: Target) => (await fuzz(target, { inputs: 20_000, seed: SEED })).fault;

  it('finds an error that the parser does not tell of, and makes the input short', async () => {
    const fault = await faultOf(
      nameless(
        (input) => {
          if (input.includes('__proto__')) throw new TypeError('unforeseen');
          return true;
        },
        [`{"a":${'[1,2,3],'.repeat(20)}"b":1}`],
      ),
    );
    expect(fault?.error.message).toBe('unforeseen');
    expect(fault?.minimal.toString()).toBe('__proto__');
  });

  it('finds a prototype that is changed, and changes it back', async () => {
    const fault = await faultOf(
      nameless((input) => {
        const { a } = JSON.parse(`{"a":${JSON.stringify(input.toString())}}`);
        if (a.includes('constructor')) Reflect.set(Object.prototype, 'polluted', true);
        return true;
      }),
    );
    expect(fault?.error.message).toMatch(/prototype was changed: polluted/);
    expect({}).not.toHaveProperty('polluted');
  });

  it('finds what takes the longer the longer the input is', async () => {
    const quadratic = nameless((input) => {
      let steps = 0;
      for (const _ of input) for (let at = 0; at < input.length; at += 1) steps += 1;
      return steps > 0;
    });
    await expect(new Judge().verdict(quadratic, Buffer.alloc(5_000))).rejects.toThrow(/too slow/);
  });

  it('finds what takes much memory for little', async () => {
    const greedy: string[][] = [];
    const parser = nameless(() => {
      greedy.push(Array.from({ length: 4_000_000 }, (_, index) => `${index}`));
      return true;
    });
    await expect(new Judge().verdict(parser, Buffer.alloc(40_000))).rejects.toThrow(/MiB|too slow/);
  });

  it('gives the same inputs for the same seed', async () => {
    const inputsOf = async (seed: number) => {
      const inputs: string[] = [];
      const target = nameless((input) => {
        inputs.push(input.toString('latin1'));
        return input.length % 2 === 0;
      });
      await fuzz(target, { inputs: 500, seed });
      // One that was slow is tried again.
      return inputs.filter((input, index) => input !== inputs[index - 1]);
    };
    const [one, again, other] = [await inputsOf(1), await inputsOf(1), await inputsOf(2)];
    expect(again).toEqual(one);
    expect(other).not.toEqual(one);
  });
});
