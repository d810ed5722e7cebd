import fc from 'fast-check';
import { mergeStatements } from '../../../consent/consent-state';
import { readLedger, writeLedger } from '../../../consent/ledger';
import { anyStatementsAndSilence, PATHS } from '../../unit/consent/any-statements';
import { assertSame, type Target } from '../target';

/** s since 1970 */
const NOW = 1_800_000_000;

const written = (seed: number, numRuns: number) =>
  fc
    .sample(anyStatementsAndSilence, { seed, numRuns })
    .map((statements) => writeLedger({ state: mergeStatements([], statements) }));

/** A person may edit the attribute: what cannot be read is left out, and what was read stays as it is. */
const ledger: Target = {
  name: 'ledger',
  corpus: [...written(1, 20).filter((text) => text.length > 10), '1;b1.2;', '1;=0:gdpr;=1:%40;', ''],
  words: [
    '1;',
    '=0:',
    'ct.1..0',
    'st.1',
    'r0.1',
    'n1',
    'b1.1',
    '%E2%82',
    '~',
    'zzzzzzzzzz',
    '-1',
    'e',
    'n0',
    's0',
  ],
  grammar: written,
  read: (input) => {
    const read = readLedger(input.toString(), PATHS, NOW);
    const once = writeLedger(read);
    assertSame('a ledger is another when it is read again', writeLedger(readLedger(once, PATHS, NOW)), once);
    return read.state.length > 0;
  },
  share: 1.5,
};

export const LEDGER_TARGETS: readonly Target[] = [ledger];
