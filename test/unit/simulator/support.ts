import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../../simulator';

/** A simulator for the tests of one file, reset before each, and a client without any knowledge of Brevo. */
export function simulatorForTests(options: SimulatorOptions = {}) {
  let simulator: Simulator | undefined;
  beforeAll(async () => {
    simulator = await startSimulator({ requestsPerSecond: 0, otherRequestsPerHour: 0, ...options });
  });
  beforeEach(() => simulator?.reset());
  afterAll(() => simulator?.close());

  const running = (): Simulator => {
    if (simulator === undefined) throw new Error('The simulator is not started.');
    return simulator;
  };
  const request =
    (base: string) =>
    async (method: string, path: string, body?: unknown, headers = KEY) => {
      const sent = body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) };
      const response = await fetch(base + path, { method, headers, redirect: 'manual', ...sent });
      const text = await response.text();
      return {
        status: response.status,
        headers: response.headers,
        text,
        json: parsed(text),
      };
    };
  type Call = ReturnType<typeof request>;
  const call: Call = (...args) => request(running().url)(...args);
  const control: Call = (...args) => request(running().controlUrl)(...args);
  return { running, call, control };
}

export const KEY: Record<string, string> = { 'api-key': 'xkeysib-test', 'content-type': 'application/json' };

/** Undefined when the text is no JSON. Without a type, as tests read answers like a client that knows no types. */
function parsed(text: string) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
