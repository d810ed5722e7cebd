import type { Fault, Simulator } from '../../simulator';
import { pause } from '../service/service';

interface Mishap {
  /** After the first webhook, in ms. */
  readonly at: number;
  readonly what: string;
  readonly faults: readonly Fault[];
}

const OUTAGE_AT_MS = 14_000;
const OUTAGE_MS = 5_000;

/** What goes wrong in Brevo during a demo. */
const MISHAPS: readonly Mishap[] = [
  {
    at: 3_000,
    what: 'Brevo loses some answers to writes that it made, and answers 503 and 429 now and then',
    faults: [
      { kind: 'dropAfterCommit', times: 2, match: { route: 'createContact' } },
      { kind: 'dropAfterCommit', times: 2, match: { route: 'updateContact' } },
      { kind: 'status', status: 503, times: 3, probability: 0.3 },
      { kind: 'status', status: 429, resetSeconds: 1, times: 2, probability: 0.2 },
    ],
  },
  {
    at: OUTAGE_AT_MS,
    what: 'Brevo refuses the API key (401): everything is held, and nothing is lost',
    faults: [{ kind: 'status', status: 401, forMs: OUTAGE_MS }],
  },
  {
    at: OUTAGE_AT_MS + OUTAGE_MS,
    what: 'Brevo takes the API key again, with 502, 425 and cut connections now and then',
    faults: [
      { kind: 'dropBefore', times: 2, probability: 0.2 },
      { kind: 'dropAfterCommit', times: 2, match: { route: 'updateContact' } },
      { kind: 'status', status: 502, times: 2, probability: 0.2 },
      { kind: 'status', status: 425, times: 2, probability: 0.2 },
      { kind: 'status', status: 500, afterCommit: true, times: 2, match: { route: 'updateContact' } },
    ],
  },
];

/** Has Brevo fail as it does in real life, in a fixed order. */
export async function causeMishaps(
  simulator: Simulator,
  tell: (what: string) => void,
  stopping: AbortSignal,
): Promise<void> {
  const startedAt = performance.now();
  for (const { at, what, faults } of MISHAPS) {
    await pause(at - (performance.now() - startedAt), stopping);
    if (stopping.aborted) return;
    tell(what);
    simulator.addFaults(...faults);
  }
}
