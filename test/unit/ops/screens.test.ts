import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ROOT, readText } from './compose-file';

const FOLDER = 'docs/screens';
const shown = [...readText('docs/screens.md').matchAll(/!\[[^\]]+\]\(screens\/([^)]+)\)/g)].map(
  ([, file]) => file,
);

describe('The pictures of docs/screens.md', () => {
  it('are there, and every picture that is there is shown, once', () => {
    expect(readdirSync(join(ROOT, FOLDER)).sort()).toEqual([...shown].sort());
  });

  it('are those that the script takes', () => {
    const script = readText('scripts/screens.js');
    const taken = [...script.matchAll(/'((?:temporal|terminal)-[a-z-]+)'/g)].map(([, name]) => `${name}.png`);
    expect([...new Set(taken)].sort()).toEqual([...shown].sort());
  });
});
