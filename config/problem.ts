import type { Path } from './tree';

/** One thing to mend in a configuration, fit to be printed: it never holds the value of a secret. */
export interface Problem {
  /** Key path such as `integrations.shop.properties[2].id`, name of an environment variable, or '' for the whole file. */
  readonly path: string;
  /** 1-based; absent when the configuration did not come from a file. */
  readonly line?: number;
  /** 1-based, in UTF-16 units as editors count. */
  readonly column?: number;
  readonly message: string;
  /** What to do about it, where the message alone does not say. */
  readonly fix?: string;
}

/** A problem at its place in the tree, before that place is turned into a line of the file. */
export interface Finding {
  readonly path: Path;
  /** Set when the key is at fault and not its value. */
  readonly at?: 'key';
  readonly message: string;
  readonly fix?: string;
}

/** The configuration cannot be used. `problems` lists everything that is wrong with it, and is never empty. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  /**
   * @param source the file as the user named it, or what else the problems are about
   */
  constructor(
    readonly source: string,
    readonly problems: readonly Problem[],
  ) {
    super(describeAll(source, problems));
  }
}

/** `file:line:column: key path: message`, the form in which editors and terminals make the place a link. */
export function describeProblem(source: string, problem: Problem): string {
  const place = problem.line === undefined ? source : `${source}:${problem.line}:${problem.column ?? 1}`;
  return [place, problem.path, problem.message].filter((part) => part !== '').join(': ');
}

function describeAll(source: string, problems: readonly Problem[]): string {
  const lines = problems.map((problem) => {
    const text = describeProblem(source, problem);
    return problem.fix === undefined ? text : `${text}\n  ${problem.fix}`;
  });
  if (lines.length > 1) lines.unshift(`${lines.length} problems in ${source}:`);
  return lines.join('\n');
}
