import { freePort } from '../temporal/ports';

const LOOPBACK = '127.0.0.1';
/** How long the SDK may take to tell its metrics, in ms. */
const TIMEOUT_MS = 2_000;
/** Far more than what a worker with hundreds of queues has. */
const MOST_BYTES = 16 * 1_048_576;

/** As the options of the SDK's runtime have it. */
export type SdkExporter = ReturnType<SdkMetrics['exporter']>;

/**
 * The metrics of Temporal's SDK. Its core serves them by itself, at a port that only this machine reaches, and from
 * there they come to ours.
 */
export class SdkMetrics {
  private constructor(private readonly port: number) {}

  static async open(): Promise<SdkMetrics> {
    return new SdkMetrics(await freePort(LOOPBACK));
  }

  /** For the SDK: where it has to serve them, and under which names. */
  exporter() {
    return {
      prometheus: {
        bindAddress: `${LOOPBACK}:${this.port}`,
        countersTotalSuffix: true,
        unitSuffix: true,
        useSecondsForDurations: true,
      },
    };
  }

  /** As Prometheus text; nothing where the SDK does not tell in time. */
  async text(): Promise<string> {
    try {
      const answer = await fetch(`http://${LOOPBACK}:${this.port}/metrics`, {
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      const text = await answer.text();
      return answer.ok && text.length < MOST_BYTES ? text : '';
    } catch {
      return '';
    }
  }
}
