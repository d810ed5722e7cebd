// What callers of a gate say, and what observers of it see.

import type { HeldReason } from './errors';

/** A kind of call: Brevo may refuse one kind to an account and serve the others. */
export interface KindOfCall {
  /** Without what it is about: `PUT /contacts/{identifier}`. */
  readonly name: string;
  readonly writes: boolean;
}

/** A turn to try, which may be spent in another process than the one that gave it. */
export interface Turn {
  /** ms since 1970: the moment of its first call, where one is reserved; a write comes a step later. */
  readonly from?: number;
}

/** Who wants to make a call. */
export interface Caller {
  /** Tells contacts apart: a workflow id. */
  readonly who?: string | undefined;
  /** It is this contact's turn to try, while everybody else waits. */
  readonly turn?: Turn | undefined;
  /** Ends the wait for the moment of a try. */
  readonly signal?: AbortSignal | undefined;
}

/** Since when Brevo is known to serve the account again, and which kinds of call it refuses still. */
export interface GateNews {
  /** ms since 1970. */
  readonly at: number;
  readonly refused: readonly string[];
}

export interface GateState {
  /** `narrowed`: some kinds of call are refused, and all others go on. */
  readonly state: 'open' | 'narrowed' | 'closed';
  /** What Brevo said last; absent while the gate is open. */
  readonly held?: {
    readonly reason: HeldReason;
    readonly message: string;
    readonly call: string;
    readonly status?: number;
    readonly code?: string;
    readonly requestId?: string;
    /** ms since 1970. */
    readonly since: number;
    /** Kinds of call that are refused; none where the account as a whole is. */
    readonly refusedCalls: readonly string[];
  };
  /** How often Brevo has refused the account in this process (401, 402, 403). */
  readonly refusals: number;
}

/** The kinds of call that a look is made of. */
export const LOOK = 'GET /contacts/{identifier}';
export const ATTRIBUTE_LIST = 'GET /contacts/attributes';
