/** What every command takes. */
export interface CommonOptions {
  /** Path of the configuration file. */
  readonly config?: string;
  /** Results as JSON. */
  readonly json?: boolean;
}
