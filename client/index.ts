export { ConfigError } from '../config';
export type { Outcome } from '../consent/outcome';
export { DidomiMessageError } from '../didomi/message-error';
export type { BrevoCall, ReceivedEvent, Trouble, ValueInForce } from '../workflows/story';
export { type ConnectOptions, ConsentSyncClient } from './consent-sync-client';
export { TemporalUnavailableError } from './errors';
export type { ContactStory } from './stories';
export type { SubmitResult } from './submission';
