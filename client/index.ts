export { ConfigError } from '../config';
export type { Outcome } from '../consent/outcome';
export { DidomiMessageError } from '../didomi/message-error';
export type {
  PlanSample,
  ResyncCounts,
  ResyncDrift,
  ResyncPlan,
  SourceSpec,
} from '../workflows/resync/contract';
export type { BrevoCall, ReceivedEvent, Trouble, ValueInForce } from '../workflows/story';
export {
  type ConnectOptions,
  ConsentSyncClient,
  type ForgetOptions,
  type StartResyncOptions,
} from './consent-sync-client';
export {
  ContactForgottenError,
  ResyncRunningError,
  TemporalUnavailableError,
  UnknownRunError,
} from './errors';
export type { FailedValue, Failure, FailureCount, FailureFilter, FoundFailure } from './failures';
export type { ForgottenContact, HeldContact } from './forgetting';
export { ResyncRun } from './resync-run';
export type { ResyncStatus } from './resyncs';
export type { ContactStory } from './stories';
export type { SubmitResult } from './submission';
