/** Of this package, wherever the compiled code lies in it. */
export function packageVersion(): string {
  const { version } = require('consent-sync/package.json') as { readonly version: string };
  return version;
}
