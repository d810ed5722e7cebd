import type { InBrevo, Said } from './scenario';

/** One thing that took place. Times in ms since 1970. */
export type Moment = { readonly at: number } & (
  | {
      readonly kind: 'didomi';
      readonly said: Said;
      /** A resync said it, and had read Brevo then. */
      readonly read?: Moment;
    }
  /** A resync read the contact, or missed it. */
  | { readonly kind: 'read'; readonly saw: boolean | undefined }
  /** Somebody else acted in Brevo; before and after: whether the contact was on the blacklist. */
  | {
      readonly kind: 'elsewhere';
      readonly what: InBrevo;
      readonly before: boolean;
      readonly after: boolean;
    }
  /** We looked at the contact; `saw`: on the blacklist or not, undefined = there was no contact. */
  | {
      readonly kind: 'look';
      readonly attempt: number;
      readonly saw: boolean | undefined;
      /** Whether the answer reached a worker of which Temporal still hears. */
      heard: boolean;
    }
  /** Brevo carried out a write of ours. */
  | {
      readonly kind: 'write';
      readonly attempt: number;
      readonly sent: { readonly emailBlacklisted?: boolean; readonly attributes?: Record<string, unknown> };
      readonly before: boolean;
      readonly after: boolean;
    }
  /** An activity was called; `blacklists`: to put the contact on the blacklist. */
  | {
      readonly kind: 'called';
      readonly activity: string;
      readonly call: number;
      readonly blacklists: boolean;
    }
  /** It ended, whatever became of its attempts. */
  | { readonly kind: 'ended'; readonly activity: string; readonly call: number }
  | { readonly kind: 'attempt'; readonly attempt: number; readonly call: number }
);

/** What took place, in order. */
export class Timeline {
  readonly moments: Moment[] = [];

  add(moment: Moment): void {
    this.moments.push(moment);
  }
}
