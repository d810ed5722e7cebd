import type { Payload } from '@temporalio/common';
import { z } from 'zod';

/** Payloads as Temporal's UI and CLI send them to a codec server: bytes in base64. */
const body = z.strictObject({
  // An empty list is left out.
  payloads: z
    .array(
      z.object({
        // Some writers of JSON have null for no bytes.
        metadata: z.record(z.string(), z.string()).nullish(),
        data: z.string().nullish(),
      }),
    )
    .default([]),
});

export type PayloadsJson = z.infer<typeof body>;

/** @returns undefined for anything else */
export function payloadsIn(value: unknown): Payload[] | undefined {
  const read = body.safeParse(value);
  return read.data?.payloads.map(({ metadata, data }) => ({
    metadata: mapped(metadata ?? {}, (text) => Buffer.from(text, 'base64')),
    data: Buffer.from(data ?? '', 'base64'),
  }));
}

export function jsonOf(payloads: readonly Payload[]): PayloadsJson {
  return {
    payloads: payloads.map(({ metadata, data }) => ({
      metadata: mapped(metadata ?? {}, base64),
      data: base64(data ?? new Uint8Array()),
    })),
  };
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

function mapped<From, To>(
  fields: Readonly<Record<string, From>>,
  to: (value: From) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, to(value)]));
}
