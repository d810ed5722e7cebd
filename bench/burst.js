// How ingestion bears what is too much for it: the real `ingest` process on a Temporal dev server of its own, all on this
// machine. Each row: what was sent, what was answered, how long /health/live took meanwhile (a stalled event loop shows
// there), and the resident memory of the process before, at most, and afterwards. Linux only: it reads /proc.
//
// npm run bench:burst -- [--messages 50000] [--only <part of a row's name>]
const { parseArgs } = require('node:util');

const { lorisBodies, lorisHeaders, manyIdle } = require('./burst-connections');
const { startIngestSystem } = require('./burst-system');
const { arrayOf, deliver, single } = require('./burst-senders');

const { values } = parseArgs({
  options: { messages: { type: 'string', default: '50000' }, only: { type: 'string', default: '' } },
});
const MESSAGES = Number(values.messages);
const MIB = 1_048_576;

/** What is done to one system, in this order. */
const ON_ONE_SYSTEM = [
  [
    `${MESSAGES} messages of 1 KB`,
    (system) => deliver(system, { count: MESSAGES, body: single, senders: 200 }),
  ],
  ['a fifth of that again', (system) => deliver(system, { count: MESSAGES / 5, body: single, senders: 200 })],
  ['one array of 3,000', (system) => deliver(system, { count: 1, body: arrayOf(3_000), senders: 1 })],
  [
    'ten arrays of 3,000 at once',
    (system) => deliver(system, { count: 10, body: arrayOf(3_000), senders: 10 }),
  ],
  [
    '60 bodies of 1 MiB at once',
    (system) => deliver(system, { count: 60, body: arrayOf(950, 1_000), senders: 60 }),
  ],
  [
    'Temporal takes 1 s longer: 3,000 messages',
    async (system) => {
      system.delayTemporal(500);
      const result = await deliver(system, { count: 3_000, body: single, senders: 2_000 });
      system.delayTemporal(0);
      return result;
    },
  ],
  [
    'Temporal stands still (SIGSTOP): 5,000 messages, once',
    async (system) => {
      system.stopTemporal('SIGSTOP');
      const result = await deliver(system, { count: 5_000, body: single, senders: 2_000, tries: 1 });
      system.stopTemporal('SIGCONT');
      return result;
    },
  ],
  ['after that: 1,000 messages', (system) => deliver(system, { count: 1_000, body: single, senders: 50 })],
  ['5,000 idle connections', (system) => manyIdle(system, 5_000)],
  ['3,000 connections that never end their headers', (system) => lorisHeaders(system, 3_000)],
  ['1,000 connections that never end their bodies', (system) => lorisBodies(system, 1_000)],
];

async function main() {
  const rows = [];
  const run = async (options, scenarios) => {
    const chosen = scenarios.filter(([name]) => name.includes(values.only));
    if (chosen.length === 0) return;
    const system = await startIngestSystem(options);
    try {
      for (const [name, act] of chosen) {
        process.stderr.write(`${name} …\n`);
        const row = { name, ...(await system.watch(() => act(system))) };
        process.stderr.write(`${JSON.stringify(row)}\n`);
        rows.push(row);
      }
    } finally {
      await system.close();
    }
  };
  await run({}, ON_ONE_SYSTEM);
  await run({ dynamicConfig: { 'frontend.namespaceRPS': 50, 'frontend.globalNamespaceRPS': 50 } }, [
    [
      'Temporal lets 50 a second in (RESOURCE_EXHAUSTED): 2,000 messages, once',
      (system) => deliver(system, { count: 2_000, body: single, senders: 500, tries: 1 }),
    ],
  ]);
  await run({ maxBodyBytes: 64 * MIB }, [
    [
      'one body of 60 MiB',
      (system) => deliver(system, { count: 1, body: arrayOf(58_000, 1_000), senders: 1, tries: 1 }),
    ],
    [
      'one body of 60 MiB that is no JSON at its end',
      (system) =>
        deliver(system, {
          count: 1,
          body: () => `${arrayOf(58_000, 1_000)(0).slice(0, -1)}!`,
          senders: 1,
          tries: 1,
        }),
    ],
  ]);
  console.table(
    Object.fromEntries(
      rows.map(({ name, answers, seconds, ackP50, ackP99, live, rss }) => [
        name,
        {
          seconds: seconds.toFixed(1),
          answers: Object.entries(answers)
            .map(([status, count]) => `${status}: ${count}`)
            .join(', '),
          '202 p50/p99 ms': ackP50 === undefined ? '' : `${ackP50} / ${ackP99}`,
          'live p99/max ms': `${live.p99} / ${live.max}`,
          'RSS MB': `${rss.before} → ${rss.most} → ${rss.after}`,
        },
      ]),
    ),
  );
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
