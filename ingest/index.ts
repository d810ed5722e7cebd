export { type IngestOptions, type IngestServer, startIngest } from './server';
export { temporalReadiness } from './temporal-readiness';
