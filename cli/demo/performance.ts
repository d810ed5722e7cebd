import type { ConsentSyncStatus } from '../../workflows/story';
import { pause } from '../service/service';
import { Audience } from './audience';
import { type Delivered, deliver } from './delivery';
import { causeMishaps } from './faults';
import { Observer } from './observation';
import { type DemoResult, isSettled, resultOf } from './result';
import type { Script } from './script';
import type { DemoSystem } from './system';

/** Messages a second: faster than Brevo takes them, so that a queue can be seen. */
const MESSAGES_PER_SECOND = 11;
const LOOK_EVERY_MS = 400;
/** How long the last contacts may take to settle after the last message, in ms. */
const PATIENCE_MS = 180_000;

/**
 * Plays a script: webhooks come in, Brevo fails now and then, and everything is watched until it has settled.
 *
 * @returns undefined when it was stopped before its end
 */
export async function perform(
  system: DemoSystem,
  script: Script,
  stopping: AbortSignal,
): Promise<DemoResult | undefined> {
  const { simulator, temporal, uiUrl, webhookUrl } = system;
  for (const contact of script.contacts) simulator.seedContact(contact);
  const delivered: Delivered = { sent: 0, answers: [] };
  const observer = new Observer(temporal, simulator, delivered);
  const audience = new Audience(uiUrl, script.messages);
  try {
    const overMs = (script.messages / MESSAGES_PER_SECOND) * 1_000;
    void causeMishaps(simulator, (what) => audience.hears(what), stopping);
    let delivering = true;
    const delivery = deliver(script, webhookUrl, simulator, overMs, delivered, stopping).finally(() => {
      delivering = false;
    });
    delivery.catch(() => {});
    while (delivering && !stopping.aborted) {
      audience.sees(await observer.observe());
      await pause(LOOK_EVERY_MS, stopping);
    }
    await delivery;
    audience.hears('All messages are sent');
    const stories = await untilSettled(observer, audience, stopping);
    if (!stories) return undefined;
    const { calls, seconds } = await observer.observe();
    const { answers } = delivered;
    return resultOf({ script, answers, stories, held: simulator.contacts(), calls, seconds });
  } finally {
    audience.leaves();
  }
}

/** Watches until nothing is open any more, or patience ends. */
async function untilSettled(
  observer: Observer,
  audience: Audience,
  stopping: AbortSignal,
): Promise<Map<string, ConsentSyncStatus> | undefined> {
  const patienceEnds = performance.now() + PATIENCE_MS;
  while (!stopping.aborted) {
    const seen = await observer.observe();
    audience.sees(seen);
    const mayBeSettled = !seen.outcomes.has('working') && !seen.outcomes.has('held');
    if (mayBeSettled || performance.now() > patienceEnds) {
      const stories = await observer.stories();
      if ([...stories.values()].every(isSettled) || performance.now() > patienceEnds) return stories;
    }
    await pause(LOOK_EVERY_MS, stopping);
  }
  return undefined;
}
