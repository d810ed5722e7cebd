export { consentSync } from './consent-sync';
export { forget } from './forget/forget';
export { resync } from './resync/resync';
