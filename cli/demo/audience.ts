import { onStderr as pc } from '../colours';
import { tell } from '../output';
import type { Observation } from './observation';
import { clock, picture, progressLine } from './picture';
import { Screen } from './screen';

const LINE_EVERY_S = 5;

/** Shows a running demo to whoever watches: a picture on a terminal, now and then a line elsewhere. */
export class Audience {
  private readonly screen: Screen | undefined;
  private readonly startedAt = Date.now();
  private readonly news: string[] = [];
  private nextLineAt = LINE_EVERY_S;

  constructor(
    private readonly uiUrl: string,
    private readonly messages: number,
  ) {
    if (process.stderr.isTTY) this.screen = new Screen(process.stderr);
    else tell(`Temporal UI: ${uiUrl}`);
  }

  hears(news: string): void {
    const time = clock((Date.now() - this.startedAt) / 1000);
    this.news.push(`${pc.dim(time)}  ${news}`);
    if (!this.screen) tell(`${time}  ${news}`);
  }

  sees(seen: Observation): void {
    const { uiUrl, messages, news } = this;
    if (this.screen) this.screen.draw(picture(seen, { uiUrl, messages, news }));
    else if (seen.seconds >= this.nextLineAt) {
      tell(progressLine(seen, messages));
      this.nextLineAt = seen.seconds + LINE_EVERY_S;
    }
  }

  leaves(): void {
    this.screen?.close();
  }
}
