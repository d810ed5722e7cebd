import { describe, expect, it } from '@jest/globals';
import { Evidence } from '../../support/leaks/evidence';
import { MarkerSearch, marker, numberMarker } from '../../support/leaks/markers';

const text = marker();
const search = new MarkerSearch({ planted: text, other: marker(), phone: numberMarker(12) });
const found = (where: string) => search.find(where).map(({ name }) => name);
const percent = (one: string) => [...Buffer.from(one)].map((byte) => `%${byte.toString(16)}`).join('');
const escaped = (one: string) => [...one].map((unit) => `\\u00${unit.charCodeAt(0).toString(16)}`).join('');

describe('a marker is found', () => {
  it.each([
    ['as it is', text],
    ['in lower case', text.toLowerCase()],
    ['in upper case', text.toUpperCase()],
    ['in the address of a person', `${text}@example.com`],
    ['in an address that is percent-encoded', encodeURIComponent(`a/${text}+x@example.com`)],
    ['with every character percent-encoded', percent(text)],
    ['with every character percent-encoded in upper case', percent(text).toUpperCase()],
    ['with every character escaped in JSON', escaped(text)],
    ['in JSON within JSON', JSON.stringify(JSON.stringify({ message: `"${text}"` }))],
    ['in hexadecimal', Buffer.from(text).toString('hex')],
    ['in upper hexadecimal', Buffer.from(text).toString('hex').toUpperCase()],
    ['in a stack', `Error: ${text}\n    at x (y.js:1:1)`],
  ])('%s', (_, written) => {
    expect(found(`before ${written} after`)).toEqual(['planted']);
  });

  it.each(['base64', 'base64url'] as const)('in %s, wherever it begins', (encoding) => {
    for (let before = 0; before < 6; before += 1) {
      for (const one of [text, text.toLowerCase(), text.toUpperCase()]) {
        const bytes = Buffer.from(`${'{"a":"x'.slice(0, before)}${one}@example.com"}`);
        expect(found(bytes.toString(encoding))).toEqual(['planted']);
      }
    }
  });

  it('and nothing where there is none', () => {
    const others = [marker(), text.slice(0, -1), text.slice(1), 'consent-sync/default/9f2c'];
    for (const other of others) {
      expect(found(`${other} ${Buffer.from(other).toString('base64')} ${percent(other)}`)).toEqual([]);
    }
  });
});

describe('what was seen', () => {
  it('is a leak where it may not be, told without the marker itself', () => {
    const evidence = new Evidence({ email: text }, { payload: ['email'] });
    evidence.add('payload', 'event 1', text);
    evidence.add('log', 'line 7', `who: ${text}!`);
    const leaks = evidence.leaks();
    expect(leaks).toEqual([
      { marker: 'email', spelling: 'as it is', kind: 'log', where: 'line 7', near: 'who: «email»!' },
    ]);
    expect(evidence.seen()).toEqual({ payload: ['email'], log: ['email'] });
  });
});
