import { TemporalServerError } from './errors';

/** Whether the server's output says that a port was taken. */
export function isPortTaken(output: string): boolean {
  return /address already in use|Only one usage of each socket address/i.test(output);
}

/** Whether the server's output says that another process holds the database file. */
export function isDatabaseLocked(output: string): boolean {
  return /database is locked|SQLITE_BUSY/i.test(output);
}

/** Whether the server's output says that the database file is not one that it can work with. */
export function isDatabaseDamaged(output: string): boolean {
  return /malformed|not a database|no such table/i.test(output);
}

interface StartedWith {
  readonly binary: string;
  readonly dbFile?: string;
}

/** The error for a server that did not come up: the known causes in words that tell what to do. */
export function describeFailedStart(
  reason: string,
  output: string,
  { binary, dbFile }: StartedWith,
): TemporalServerError {
  const said = output === '' ? '' : `\nIt said:\n${output}`;
  if (dbFile !== undefined && isDatabaseLocked(output)) {
    return new TemporalServerError(
      `Temporal's database file ${dbFile} is in use by another Temporal server. Stop the consent-sync that runs with this data folder, or set CONSENT_SYNC_DATA to another one.`,
    );
  }
  if (
    dbFile !== undefined &&
    /readonly database|read-only file system|unable to open database|permission denied/i.test(output)
  ) {
    return new TemporalServerError(
      `Temporal's database file ${dbFile} cannot be written. Give this user the right to write it and its folder, or set CONSENT_SYNC_DATA to another folder.${said}`,
    );
  }
  if (dbFile !== undefined && isDatabaseDamaged(output)) {
    return new TemporalServerError(
      `Temporal's database file ${dbFile} is damaged. Put back a copy of it (with the -wal file beside it, if there is one), or move it away to begin with an empty one.${said}`,
    );
  }
  if (isPortTaken(output)) {
    return new TemporalServerError(
      `The Temporal server could not listen: another program took its port. Choose another port, or try again.${said}`,
    );
  }
  if (/unknown flag|unknown command/i.test(output)) {
    return new TemporalServerError(
      `${binary} is not a Temporal CLI that we know how to start. Install a current one, or take it off PATH to have one fetched.${said}`,
    );
  }
  return new TemporalServerError(`The Temporal server did not start: ${reason}.${said}`);
}
