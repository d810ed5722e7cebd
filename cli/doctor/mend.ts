import type { Config } from '../../config';
import { describeError } from '../describe-error';
import type { Finding } from './finding';
import { carryOut, describeRepair } from './repair';

/**
 * Creates what checks found missing, each thing after asking. One that cannot be created does not stop the others.
 *
 * @returns whether anything was tried, so that checking again can tell something new
 */
export async function mend(
  findings: readonly Finding[],
  config: Config,
  brevoApiUrl: string,
  ask: (question: string) => Promise<boolean>,
  tell: (line: string) => void,
): Promise<boolean> {
  const repairs = findings.flatMap(({ repair }) => repair ?? []);
  if (repairs.length === 0) tell('There is nothing that --fix could create.');
  let tried = false;
  for (const repair of repairs) {
    const what = describeRepair(repair);
    if (!(await ask(`Create ${what}?`))) {
      tell(`Not created: ${what}`);
      continue;
    }
    tried = true;
    try {
      await carryOut(repair, config, brevoApiUrl);
      tell(`Created ${what}`);
    } catch (error) {
      tell(`Could not create ${what}: ${describeError(error, false).text}`);
    }
  }
  return tried;
}
