export { consentSync } from './consent-sync';
export { resync } from './resync/resync';
