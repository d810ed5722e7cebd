/** What programs outside a resync know of it. Names and shapes only. */

export const RESYNC_WORKFLOW = 'resync';
export const PROGRESS_QUERY = 'progress';
export const PAUSE_UPDATE = 'pause';
export const RESUME_UPDATE = 'resume';
export const CANCEL_UPDATE = 'cancel';
export const SET_RATE_UPDATE = 'setRate';

/** Task queue on which workers offer to read a source. */
export function readersQueue(taskQueue: string): string {
  return `${taskQueue}/resync`;
}

/** Task queue of one reader: a process that finds its files again. */
export function readerQueueOf(taskQueue: string, reader: string): string {
  return `${taskQueue}/resync/${reader}`;
}

/** Where the consents come from. Names files, never people. */
export type SourceSpec =
  | {
      readonly kind: 'files';
      /** Absolute paths of folders and files; standard input is kept as a file. */
      readonly paths: readonly string[];
      /** ms since 1970: how old what files without a `date=` folder say is. */
      readonly asOf?: number;
    }
  | { readonly kind: 'didomi-api' }
  | {
      readonly kind: 'ids';
      /** Absolute path of a file with an organization_user_id a line. */
      readonly path: string;
    };

export interface ResyncInput {
  readonly integration: string;
  /** Name of the run; absent where a schedule starts it: then the last part of the workflow id. */
  readonly run?: string;
  readonly source: SourceSpec;
  /** Says what would be done, and does nothing. */
  readonly planOnly: boolean;
  /** The run whose plan is carried out: nothing is read or compared anew. */
  readonly planOf?: string;
  /**
   * Task queue of the process that reads the source, and on whose disk the work lies. Absent: one of the service's
   * workers.
   */
  readonly readerQueue?: string;
  /**
   * ms after which a run that one of the service's workers reads is begun anew by another, when that one does not come
   * back: its disk may be gone. Default: half an hour.
   */
  readonly abandonedAfterMs?: number;
  /** Contacts a second at most; absent: as many as Brevo's budget allows. */
  readonly rate?: number;
  /** Carried over by continue-as-new. */
  readonly carried?: ResyncState;
}

export type ResyncPhase = 'reading' | 'comparing' | 'submitting' | 'ended';
export type ResyncRunState = 'running' | 'paused' | 'completed' | 'cancelled' | 'failed';

export interface ResyncCounts {
  /** Lines or records of the source that were understood. */
  readonly read: number;
  /** Lines that were not understood. */
  readonly broken: number;
  /** Lines that say nothing for this integration. */
  readonly ignored: number;
  /** Contacts compared with Brevo. */
  readonly compared: number;
  /** Contacts that differ, and are submitted. */
  readonly differing: number;
  readonly submitted: number;
  /** Created, updated, or found to be right meanwhile. */
  readonly done: number;
  /** Unknown to Brevo, and `upsert_mode` is off. */
  readonly skipped: number;
  readonly guarded: number;
  readonly rejected: number;
  /** Wait for Brevo's account, in their own workflows. */
  readonly held: number;
  /** Left out, because they were forgotten after the source was made; absent where there was none. */
  readonly forgotten?: number;
  /** To Brevo, for reading and comparing, and at least those that carrying out took. */
  readonly calls: number;
  /** To Didomi, for reading the source; absent in what a worker of an earlier version says. */
  readonly didomiCalls?: number;
}

export const NO_COUNTS: ResyncCounts = {
  read: 0,
  broken: 0,
  ignored: 0,
  compared: 0,
  differing: 0,
  submitted: 0,
  done: 0,
  skipped: 0,
  guarded: 0,
  rejected: 0,
  held: 0,
  calls: 0,
  didomiCalls: 0,
};

/**
 * Which side moved away from the other: `didomi` holds something newer, of which Brevo was not told; `brevo` was changed
 * by somebody else since; `missing`: Brevo has no such contact; `untold`: that cannot be told.
 */
export const DRIFT_SIDES = ['didomi', 'brevo', 'missing', 'untold'] as const;
export type DriftSide = (typeof DRIFT_SIDES)[number];

/** How far both sides were apart when they were compared. The sides add up to the contacts that differ. */
export type ResyncDrift = Readonly<Record<DriftSide, number>> & {
  /** Contacts that differ. */
  readonly differing: number;
  /** Of them those that rightly stay as they are, as their workflows found: Brevo knows a later unsubscription. */
  readonly guarded: number;
};

/** One contact as an example. No personal data. */
export interface PlanSample {
  readonly contactKey: string;
  /** Mapping ids, and the ledger attribute, that Brevo holds otherwise. */
  readonly changes: readonly string[];
  /** Why it, or a part of it, is not done. */
  readonly reason?: string;
}

/** What carrying out means. */
export interface ResyncPlan {
  readonly create: number;
  readonly update: number;
  readonly blacklist: number;
  readonly unblacklist: number;
  readonly unchanged: number;
  readonly skipped: number;
  readonly guarded: number;
  readonly rejected: number;
  /** Calls to Brevo that carrying out takes. */
  readonly calls: number;
  /** Time that these take at the account's limit, in s. */
  readonly seconds: number;
  /** How Brevo was read, and why. */
  readonly way?: string;
  /** A few contacts by what is done with them, no two alike. */
  readonly samples?: Readonly<Record<string, readonly PlanSample[]>>;
}

/** What a resync remembers, as it is carried over by continue-as-new. */
export interface ResyncState {
  phase: ResyncPhase;
  state: ResyncRunState;
  counts: ResyncCounts;
  plan?: ResyncPlan;
  /** Present once both sides are compared. */
  drift?: ResyncDrift;
  /** What of the source was not read, and why. */
  notes?: readonly string[];
  /** Why nothing goes on just now. */
  waiting?: string;
  /** Why the run failed. */
  failure?: string;
  rate?: number;
  readerQueue?: string;
  /** ms since 1970. */
  startedAt: number;
  /** ms since 1970; present once the run has ended. */
  endedAt?: number;
  /** How much of the phase is done, from 0 to 1; absent where nobody knows how much there is. */
  share?: number;
  /** How far the phase was when it began, or went on after a rest: for the rate and the time that are shown. */
  since?: { readonly at: number; readonly count: number; readonly share: number };
}

/** Answer of the query, and the run's result. */
export interface ResyncProgress extends ResyncState {
  readonly run: string;
  readonly integration: string;
  readonly planOnly: boolean;
}
