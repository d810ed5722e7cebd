/**
 * The settings for Temporal are wrong: a person has to mend them before trying again.
 * The message says what is wrong with which setting, and what to do.
 */
export class TemporalConfigurationError extends Error {
  override readonly name = 'TemporalConfigurationError';
}

/**
 * A Temporal server could not be found, started, prepared or kept running.
 * The message says what was tried and what to do.
 */
export class TemporalServerError extends Error {
  override readonly name = 'TemporalServerError';
}
