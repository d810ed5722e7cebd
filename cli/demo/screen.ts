const HIDE_CURSOR = '\x1b[?25l';
const SHOW_CURSOR = '\x1b[?25h';
const NO_WRAP = '\x1b[?7l';
const WRAP = '\x1b[?7h';
const CLEAR_LINE = '\x1b[2K';
const CLEAR_BELOW = '\x1b[J';

/** Lines on a terminal that are drawn again and again in the same place. */
export class Screen {
  private height = 0;
  private readonly restore = () => {
    this.stream.write(SHOW_CURSOR);
  };

  constructor(private readonly stream: NodeJS.WriteStream) {
    process.once('exit', this.restore);
    stream.write(HIDE_CURSOR);
  }

  draw(lines: readonly string[]): void {
    const up = this.height > 0 ? `\x1b[${this.height}A\r` : '';
    const drawn = lines.map((line) => `${CLEAR_LINE}${line}\n`).join('');
    this.stream.write(`${up}${NO_WRAP}${drawn}${CLEAR_BELOW}${WRAP}`);
    this.height = lines.length;
  }

  /** Leaves the last picture where it is. */
  close(): void {
    process.off('exit', this.restore);
    this.restore();
  }
}
