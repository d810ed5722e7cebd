import type { Client } from '@temporalio/client';
import { historyToJson } from '../../support/history-json';
import type { Evidence } from '../../support/leaks/evidence';
import { runsOf } from '../../support/runs';

/** Of which kind a part of what Temporal holds is, by the field that it stands in; the nearest one counts. */
const KINDS: readonly (readonly [RegExp, string])[] = [
  [/failure$/i, 'failures'],
  [/^userMetadata$/i, 'details'],
  [/^(searchAttributes|memo|header|heartbeat)$/i, 'ids'],
];

/** What stands in payloads, and all else: ids, names, queues, failures. */
export async function addTemporal(evidence: Evidence, client: Client, integration: string): Promise<number> {
  let found = 0;
  const query = `ConsentSyncIntegration = "${integration}"`;
  for await (const { workflowId, raw } of client.workflow.list({ query })) {
    found += 1;
    walk(evidence, `listing of ${workflowId}`, raw, 'ids');
    const handle = client.workflow.getHandle(workflowId);
    walk(evidence, `description of ${workflowId}`, (await handle.describe()).raw, 'ids');
    for (const history of await runsOf(client, workflowId)) {
      walk(evidence, `history of ${workflowId}`, historyToJson(history), 'ids');
    }
    const metadata = await handle.query('__temporal_workflow_metadata').catch(() => undefined);
    evidence.add('details', `current details of ${workflowId}`, JSON.stringify(metadata) ?? '');
  }
  return found;
}

/** Takes a tree apart into what is encoded in payloads, decoded, and everything else. */
export function walk(evidence: Evidence, where: string, node: unknown, kind: string): void {
  const rest: string[] = [];
  const visit = (value: unknown, key: string, of: string): void => {
    const own = KINDS.find(([field]) => field.test(key))?.[1] ?? of;
    if (value instanceof Uint8Array) {
      evidence.add(own, `${where}: ${key}`, Buffer.from(value).toString());
    } else if (typeof value === 'object' && value !== null) {
      const data = payloadText(value);
      if (data !== undefined)
        evidence.add(own === 'ids' ? kindOfPayload(key) : own, `${where}: ${key}`, data);
      else
        for (const [name, one] of Object.entries(value))
          visit(one, Number.isInteger(Number(name)) ? key : name, own);
    } else if (value !== undefined && value !== null) {
      if (own === kind) rest.push(`${key}=${String(value)}`);
      else evidence.add(own, `${where}: ${key}`, String(value));
    }
  };
  visit(node, '', kind);
  evidence.add(kind, where, rest.join('\n'));
}

function kindOfPayload(key: string): string {
  return /indexedFields|fields|ConsentSync|ConsentEventIds|BuildIds|Temporal/i.test(key) ? 'ids' : 'payloads';
}

/** What stands in a payload and how it is encoded, be it in base64 or in bytes; undefined for anything else. */
function payloadText(value: object): string | undefined {
  if (!('metadata' in value && 'data' in value)) return undefined;
  const parts = [...Object.values(value.metadata ?? {}), value.data];
  const texts = parts.map((part) => {
    if (typeof part === 'string') return Buffer.from(part, 'base64').toString();
    return part instanceof Uint8Array ? Buffer.from(part).toString() : undefined;
  });
  return texts.includes(undefined) ? undefined : texts.join(' ');
}
