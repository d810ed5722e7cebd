import { type Finding, good, warning } from './finding';

/** The earliest server that consent-sync is tested with. */
const TESTED_SINCE = [1, 29] as const;
/** Since this version a server counts priority and fairness unless told otherwise. */
const PRIORITY_SINCE = [1, 32] as const;

/**
 * Whether the server's version has what is needed.
 *
 * @param setsPriority the server is known to have been started with priority and fairness on
 */
export function checkServerVersion(serverVersion: string, setsPriority: boolean): Finding[] {
  const name = 'Temporal version';
  const tested = isSince(serverVersion, TESTED_SINCE)
    ? good(name, serverVersion)
    : warning(
        name,
        `server ${serverVersion} is older than any that consent-sync is tested with`,
        `Use ${TESTED_SINCE.join('.')} or later, best ${PRIORITY_SINCE.join('.')} or later.`,
      );
  if (setsPriority || isSince(serverVersion, PRIORITY_SINCE)) return [tested];
  return [
    tested,
    warning(
      'Temporal priority',
      `server ${serverVersion} lets withdrawals overtake only where matching.useNewMatcher and matching.enableFairness are on`,
      'Turn both on in its dynamic configuration, or use server 1.32 or later.',
    ),
  ];
}

/** Temporal Cloud and builds of one's own may name a version that is none: nothing is said of those. */
function isSince(version: string, [sinceMajor, sinceMinor]: readonly [number, number]): boolean {
  const [, major, minor] = /^v?(\d+)\.(\d+)/.exec(version) ?? [];
  if (major === undefined || minor === undefined) return true;
  return Number(major) > sinceMajor || (Number(major) === sinceMajor && Number(minor) >= sinceMinor);
}
