import pc from 'picocolors';

/** Colours where a terminal shows them, and nowhere else. */
export const onStdout = pc.createColors(isForColours(process.stdout));
export const onStderr = pc.createColors(isForColours(process.stderr));

function isForColours(stream: NodeJS.WriteStream): boolean {
  return stream.isTTY === true && !process.env.NO_COLOR && process.env.TERM !== 'dumb';
}
