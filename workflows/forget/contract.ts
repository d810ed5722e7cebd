/** What programs outside a forgetting know of it. Names and shapes only. */

export const FORGET_WORKFLOW = 'forget';

/** To a contact's workflow: end as soon as nothing is lost by it. Old runs know nothing of it, and go on. */
export const FORGET_SIGNAL = 'forget';

/** Why a contact is to be forgotten. */
export interface ForgetWish {
  /** ms since 1970. */
  readonly at: number;
  /** The Didomi user that was erased; absent: a person wants everything forgotten. */
  readonly user?: string;
}

export interface ForgetInput {
  readonly integration: string;
  readonly contactKey: string;
  /** Absent once the contact's workflow has ended: what it leaves is deleted then. */
  readonly wish?: ForgetWish;
}

/** One contact of one integration, without its name. */
export type KeptContact = Pick<ForgetInput, 'integration' | 'contactKey'>;

/** What a forgetting asks of its worker. */
export interface ForgetActivities {
  /**
   * Asks the contact's workflow, unless that began later than the forgetting: then an event has come since.
   *
   * @param input `begunAt`: of the forgetting, by Temporal's clock, in ms since 1970
   * @returns the first run of the workflow that was asked; null: none is open
   */
  askToEnd(
    input: KeptContact & { readonly wish: ForgetWish; readonly begunAt: number },
  ): Promise<string | null>;
  /** Retried by Temporal until the workflow that was asked has ended. */
  awaitEnd(input: KeptContact & { readonly chain: string }): Promise<void>;
  /** Deletes what has ended, and what this worker's disk holds; retried by Temporal until nothing is left. */
  eraseContact(input: KeptContact & { readonly ownRun: string }): Promise<void>;
}

/** `consent-sync/<integration>/<contact key>` */
export function contactWorkflowId({ integration, contactKey }: KeptContact): string {
  return `consent-sync/${integration}/${contactKey}`;
}

/** `consent-forget/<integration>/<contact key>` */
export function forgetWorkflowId({ integration, contactKey }: KeptContact): string {
  return `consent-forget/${integration}/${contactKey}`;
}
