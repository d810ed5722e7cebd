export { checkConfig } from './check';
export type {
  Config,
  EncryptionSettings,
  ExternalIssuer,
  IngestAuth,
  IngestSettings,
  Integration,
  OAuthClient,
  TlsFiles,
} from './config';
export { parseDuration } from './duration';
export { type Environment, type LogLevel, readEnvironment } from './environment';
export { configJsonSchema } from './json-schema';
export { assertSafeToListen, cannotListen, listenAddress, metricsAddress } from './listen';
export { type LoadInput, loadConfig } from './load';
export { isLoopback } from './loopback';
export { type Network, networkOf, plainAddress } from './networks';
export { ConfigError, type Problem } from './problem';
export { readTlsFiles, type TlsIdentity, validityProblem } from './tls-files';
export type { WorkerVersion } from './worker-version';
