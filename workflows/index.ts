export { consentSync } from './consent-sync';
