import type { Logger } from 'pino';
import { type Config, type Environment, loadConfig, readEnvironment } from '../../config';
import type { CommonOptions } from '../common-options';
import { changeLevelOnSignal } from './log-level';
import { createLogger } from './logger';

/** What a long-running command reads before it starts anything. */
export interface Settings {
  readonly config: Config;
  readonly environment: Environment;
  readonly logger: Logger;
}

/** @throws ConfigError with everything that is wrong */
export function readSettings({ config: file }: CommonOptions): Settings {
  const environment = readEnvironment();
  const config = loadConfig({ file });
  const logger = createLogger(environment.logLevel);
  changeLevelOnSignal(logger);
  return { config, environment, logger };
}
