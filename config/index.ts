export { checkConfig } from './check';
export type { Config, IngestAuth, IngestSettings, Integration } from './config';
export { parseDuration } from './duration';
export { type Environment, type LogLevel, readEnvironment } from './environment';
export { configJsonSchema } from './json-schema';
export { assertSafeToListen, listenAddress } from './listen';
export { type LoadInput, loadConfig } from './load';
export { isLoopback } from './loopback';
export { ConfigError, type Problem } from './problem';
