// The table of the live bench.
const Table = require('cli-table3');

const ROWS = [
  { name: 'consents (messages accepted)', of: ({ consents }) => consents, digits: 0 },
  { name: 'Brevo calls a consent', of: ({ calls }) => calls, wanted: '≤ 0.5' },
  {
    name: '… not counting updates that change nothing',
    of: ({ usefulCalls }) => usefulCalls,
  },
  { name: 'consents a second', of: ({ perSecond }) => perSecond, wanted: '≥ 3 at the limit', not: 'paced' },
  { name: 'Temporal history events a consent', of: ({ events }) => events, digits: 1, wanted: '≤ 0.75' },
  { name: 'Temporal Cloud actions a consent', of: ({ billed }) => billed },
  { name: 'answers to webhooks, p50, ms', of: ({ ackP50 }) => ackP50, digits: 1 },
  { name: 'answers to webhooks, p99, ms', of: ({ ackP99 }) => ackP99, digits: 1 },
  { name: 'CPU of the worker a consent, ms', of: ({ cpuMs }) => cpuMs, digits: 1 },
  { name: 'most memory of the worker, MB', of: ({ memoryMb }) => memoryMb, digits: 0 },
  { name: '429 a minute', of: ({ refusedAMinute }) => refusedAMinute, digits: 1, ratio: false },
  {
    name: 'budget used, %',
    of: ({ budgetUsed }) => (budgetUsed === undefined ? undefined : budgetUsed * 100),
    digits: 0,
    ratio: false,
  },
  { name: 'contacts not as they should be', of: ({ wrong }) => wrong, digits: 0, ratio: false },
];

/** Prints all phases in one table, each with the ratio of consent-sync to the straightforward program. */
function showTable(results) {
  const table = new Table({
    head: ['', '', 'straightforward', 'consent-sync', 'ratio', 'wanted'],
    style: { head: [], border: [] },
    colAligns: ['left', 'left', 'right', 'right', 'right', 'left'],
  });
  for (const { title, phase, straightforward, consentSync } of results) {
    for (const { name, of, digits = 2, ratio = true, wanted = '', not } of ROWS) {
      if (not === phase.name) continue;
      const [theirs, ours] = [of(straightforward), of(consentSync)];
      if (ours === undefined) continue;
      table.push([
        title,
        name,
        theirs === undefined ? '' : theirs.toFixed(digits),
        ours.toFixed(digits),
        ratio && theirs > 0 && name !== ROWS[0].name ? (ours / theirs).toFixed(2) : '',
        wanted,
      ]);
    }
  }
  console.log(table.toString());
}

module.exports = { showTable };
