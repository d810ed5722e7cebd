import { describeDuration } from './duration-text';
import { type Finding, good, problem, warning } from './finding';

/** A clock of somebody else beside ours, both ms since 1970. */
export interface Clocks {
  readonly theirs: number;
  readonly ours: number;
}

/** So far clocks may differ, in ms: answers take their time, and some clocks tell whole seconds only. */
const AGREES_MS = 5_000;
/** From here on choices that are minutes apart may be taken in the wrong order, in ms. */
const WRONG_MS = 60_000;

const FIX = 'Let this machine keep its time, for example by NTP: choices are put in order by their times.';

/** Whether our clock goes as somebody else's does. @param whose for example `Brevo's clock` */
export function checkClock(whose: string, clocks: Clocks | undefined): Finding {
  if (!clocks) return warning(whose, 'is not known: no answer told it', FIX);
  const aheadMs = clocks.ours - clocks.theirs;
  const apartMs = Math.abs(aheadMs);
  if (apartMs <= AGREES_MS) return good(whose, 'agrees with ours');
  const apart = describeDuration(Math.round(apartMs / 1_000) * 1_000);
  const message = `our clock is ${apart} ${aheadMs > 0 ? 'ahead of' : 'behind'} ${whose}`;
  return apartMs > WRONG_MS ? problem(whose, message, FIX) : warning(whose, message, FIX);
}
