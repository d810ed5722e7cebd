/** A call that was made to Brevo, for whoever counts them. No personal data. */
export interface ObservedCall {
  /** Without what it is about, one of a fixed set: `PUT /contacts/{identifier}`. */
  readonly operation: string;
  /** On whose behalf; absent where it is for the account as a whole. */
  readonly party?: string | undefined;
  /** HTTP status; `cancelled`: nobody wanted the answer any more. */
  readonly status: number | 'no_answer' | 'cancelled';
  /** From the first byte sent to the last received, without the wait for its turn. */
  readonly seconds: number;
}

export type CallObserver = (call: ObservedCall) => void;

/**
 * Makes a call and has it observed, however it ends.
 *
 * @param signal what may end the exchange early
 * @throws what `exchange` throws
 */
export async function observing<Answer extends { readonly status: number }>(
  call: Pick<ObservedCall, 'operation' | 'party'>,
  observer: CallObserver | undefined,
  signal: AbortSignal | undefined,
  exchange: () => Promise<Answer>,
): Promise<Answer> {
  if (!observer) return exchange();
  const startedAt = performance.now();
  let status: ObservedCall['status'] = 'no_answer';
  try {
    const answer = await exchange();
    status = answer.status;
    return answer;
  } finally {
    if (status === 'no_answer' && signal?.aborted) status = 'cancelled';
    observer({ ...call, status, seconds: (performance.now() - startedAt) / 1000 });
  }
}
