import { InvalidArgumentError } from 'commander';
import { CommandError } from '../../../cli/exit';
import {
  collectAttribute,
  collectOrigin,
  parseAge,
  parseCount,
  parsePort,
  parseRate,
  parseTimeOfDay,
} from '../../../cli/option-values';
import { sourceOf } from '../../../cli/resync/source';
import { loadConfig, parseDuration } from '../../../config';
import { dayOf } from '../../../didomi/export/complete-days';
import { assertDiscreet, type Target, understands } from '../target';

const options: Target = {
  name: 'option-values',
  corpus: [
    '7 days',
    '1500 ms',
    '8080',
    '0.5',
    '03:00',
    'https://temporal.example.com',
    'OPT_PUSH=category:a,b',
    'date=2026-03-04',
  ],
  words: ['days', 'weeks', 'hour', 'ms', ':', '=', '24:00', '1e3', '0x10', ' ', 'http://', '@', '/'],
  read: (input) => {
    const text = input.toString();
    const duration = parseDuration(text);
    if (duration !== undefined && !(duration >= 1_000 && duration <= 31_536_000_000))
      throw new Error(`${duration} ms`);
    const day = dayOf(text);
    if (day !== undefined && day % 86_400_000 !== 0) throw new Error(`a day that begins at ${day}`);
    const readers = [
      parseAge,
      parseCount,
      parsePort,
      parseRate,
      parseTimeOfDay,
      collectOrigin,
      collectAttribute,
    ];
    const read = readers.map((one) =>
      understands(
        () => one(text),
        [InvalidArgumentError],
        ({ message }) => assertDiscreet(message, 120),
      ),
    );
    return read.some(Boolean);
  },
  share: 2,
};

const CONFIG = loadConfig({
  object: { config: { api_key: 'k', properties: [{ id: 'A', value: 'a' }] } },
  env: {},
});

const dates: Target = {
  name: 'dates',
  corpus: ['2026-03-04', '2026-03-04T14:00:00Z', '2026-03-04T14:00:00.5+02:00', '2026-03-04T14:00'],
  words: ['T', 'Z', '+14:00', '-00:00', '-', ':', '2026-02-30', '0000-00-00'],
  read: async (input) => {
    try {
      const source = await sourceOf(['-'], { asOf: input.toString() }, CONFIG);
      const time = 'asOf' in source ? source.asOf : undefined;
      if (time === undefined || !(time <= Date.now())) throw new Error(`as of ${time}`);
      return true;
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      assertDiscreet(error.message, 120);
      return false;
    }
  },
};

export const COMMAND_LINE_TARGETS: readonly Target[] = [options, dates];
