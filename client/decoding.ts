import type { Client } from '@temporalio/client';
import type { Payload, ProtoFailure } from '@temporalio/common';

/** Reads what Temporal's raw answers hold, as the client writes it. */

/** @returns the value of a payload of a workflow @throws DecryptionError */
export async function decodedValue<T>(temporal: Client, payload: Payload, workflowId: string): Promise<T> {
  const { loadedDataConverter, namespace } = temporal.options;
  const { payloadCodecs, payloadConverter } = loadedDataConverter;
  let decoded = payload;
  for (const codec of payloadCodecs.toReversed()) {
    const [one] = await codec.decode([decoded], { type: 'workflow', namespace, workflowId });
    if (one) decoded = one;
  }
  return payloadConverter.fromPayload<T>(decoded);
}

/** What a failure says; where that is encrypted, as far as it can be read. */
export async function decodedMessage(
  temporal: Client,
  { message, encodedAttributes }: Pick<ProtoFailure, 'message' | 'encodedAttributes'>,
  workflowId: string,
): Promise<string | undefined> {
  const inside = encodedAttributes
    ? await decodedValue<{ readonly message?: unknown }>(temporal, encodedAttributes, workflowId).catch(
        (error: Error) => ({ message: `${message}: ${error.message}` }),
      )
    : undefined;
  return typeof inside?.message === 'string' ? inside.message : (message ?? undefined);
}
