import type { Delivery, Json } from './delivery';
import { type PlainMessage, plainMessage } from './plain-message';
import { isOptOut, type Said, said, type Value } from './said';

/** Whose words they are, on what. */
type About = { readonly regulation: string; readonly user: string; readonly path: string };

/** Times in whole seconds since the epoch. */
export type Choice = About & {
  readonly kind: 'choice';
  readonly value: Value;
  readonly at: number;
  readonly known: number;
  readonly event: string;
};
export type Snapshot = About & { readonly kind: 'snapshot'; readonly value: Value; readonly asOf: number };
/** What an event had said until then, it says no longer. */
export type Retraction = About & {
  readonly kind: 'retraction';
  readonly event: string;
  readonly known: number;
};
export type Testimony = Choice | Snapshot | Retraction;

const FIVE_MINUTES = 300_000;

/** All that one delivery says of the paths that were mapped when it came. */
export function testimonies(delivery: Delivery): Testimony[] {
  const message = plainMessage(delivery.message);
  if (!delivery.regulations.includes(regulationOf(message))) return [];
  switch (message.type) {
    case 'event.created':
    case 'event.updated':
      return delivery.paths.flatMap((path) => ofEvent(message, path, delivery.receivedAt));
    case 'user.created':
    case 'user.updated':
      return delivery.paths.flatMap((path) => ofUser(message, path, delivery.receivedAt));
    default:
      return [];
  }
}

export function regulationOf({ regulation, entity }: PlainMessage): string {
  const named = regulation ?? (typeof entity.regulation === 'string' ? entity.regulation : 'gdpr');
  return named.toLowerCase();
}

function ofEvent(message: PlainMessage, path: string, receivedAt: number): Testimony[] {
  const { entity, type } = message;
  const event = String(entity.id);
  const about = { regulation: regulationOf(message), user: userOf(entity), path };
  const receipt = seconds(receivedAt);
  const created = timeOf(entity.created_at) ?? receipt;
  const updated = isAhead(entity.updated_at, receivedAt) ? receipt : timeOf(entity.updated_at);
  const known = updated ?? receipt;
  // An old entity that counted and comes without its consents does not tell what it had said.
  const old = message.old?.consents || (message.old && !isConfirmed(message.old)) ? message.old : undefined;

  const before: Said = old !== undefined && isConfirmed(old) ? said(old, path) : 'nothing';
  const now: Said = isConfirmed(entity) ? said(entity, path) : 'nothing';
  if (now === 'in doubt') return [];
  if (now === 'nothing') {
    // Dated by what Didomi knew: it counts whatever the event's own time is.
    return typeof before === 'object' ? [{ kind: 'retraction', ...about, event, known }] : [];
  }
  const { value } = now;
  const optOut = isOptOut(value);
  const leftAlone = typeof before === 'object' ? before.value === value : before === 'in doubt' && !optOut;
  const changed = type === 'event.updated' && (old === undefined ? optOut : !leftAlone);
  // A patch without a time counts as of receipt where it is an opt-out, and is not believed to be new otherwise. An
  // opt-out is never older than the event that it is part of.
  const patched = optOut ? Math.max(updated ?? receipt, created) : (updated ?? created);
  const at = changed ? patched : created;
  if (!isAhead(entity.created_at, receivedAt)) return [{ kind: 'choice', ...about, value, at, known, event }];
  if (!optOut) return [];
  const ownTimeIsAhead = at === created;
  return [{ kind: 'choice', ...about, value, at: ownTimeIsAhead ? receipt : at, known, event }];
}

function ofUser(message: PlainMessage, path: string, receivedAt: number): Testimony[] {
  const { entity, old, source, type } = message;
  const now = said(entity, path);
  if (typeof now !== 'object') return [];
  const { value } = now;
  const about = { regulation: regulationOf(message), user: String(entity.id), path };
  const receipt = seconds(receivedAt);
  const updated = isAhead(entity.updated_at, receivedAt) ? receipt : (timeOf(entity.updated_at) ?? receipt);
  const ahead = type === 'user.updated' && isAhead(source?.created_at, receivedAt);
  if (ahead && !isOptOut(value)) return [];

  const testimony: Testimony[] = [{ kind: 'snapshot', ...about, value, asOf: updated }];
  if (type !== 'user.updated' || old?.consents === undefined) return testimony;
  const before: Said = said(old, path);
  const leftAlone =
    typeof before === 'object' ? before.value === value : before === 'in doubt' && !isOptOut(value);
  if (!leftAlone) {
    const event = source === undefined ? `${entity.id}@${entity.version}` : String(source.id);
    const at = source === undefined ? updated : (timeOf(source.created_at) ?? updated);
    testimony.push({ kind: 'choice', ...about, value, at: ahead ? receipt : at, known: updated, event });
  }
  return testimony;
}

function isConfirmed(entity: Json): boolean {
  return entity.status === undefined || entity.status === null || entity.status === 'confirmed';
}

function userOf(event: Json): string {
  const user = event.user as Json | undefined;
  return typeof user?.id === 'string' ? user.id : '';
}

function isAhead(time: unknown, receivedAt: number): boolean {
  return typeof time === 'string' && Date.parse(time) > receivedAt + FIVE_MINUTES;
}

function timeOf(time: unknown): number | undefined {
  return typeof time === 'string' ? seconds(Date.parse(time)) : undefined;
}

function seconds(ms: number): number {
  return Math.floor(ms / 1000);
}
