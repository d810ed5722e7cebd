/** A Didomi message as it reached us: with the time of receipt and the settings that were in force then. */
export type Delivery = {
  readonly message: Json;
  /** ms since the epoch. */
  readonly receivedAt: number;
  /** The Didomi paths that the configuration mapped when the message was received. */
  readonly paths: readonly string[];
  readonly regulations: readonly string[];
};

export type Json = { readonly [key: string]: unknown };

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
