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
  return regulation ?? (typeof entity.regulation === 'string' ? entity.regulation : 'gdpr');
}

function ofEvent(message: PlainMessage, path: string, receivedAt: number): Testimony[] {
  const { entity, old, type } = message;
  const event = String(entity.id);
  const about = { regulation: regulationOf(message), user: userOf(entity), path };
  const receipt = seconds(receivedAt);
  const createdAhead = isAhead(entity.created_at, receivedAt);
  const created = timeOf(entity.created_at) ?? receipt;
  const updated = isAhead(entity.updated_at, receivedAt) ? receipt : timeOf(entity.updated_at);
  const known = updated ?? receipt;

  const before: Said = old !== undefined && isConfirmed(old) ? said(old, path) : 'nothing';
  const now: Said = isConfirmed(entity) ? said(entity, path) : 'nothing';
  if (now === 'in doubt') return [];
  if (now === 'nothing') {
    return before === 'nothing' || createdAhead ? [] : [{ kind: 'retraction', ...about, event, known }];
  }
  const { value } = now;
  const choice = (at: number): Testimony[] => [{ kind: 'choice', ...about, value, at, known, event }];
  if (createdAhead) return isOptOut(value) ? choice(receipt) : [];
  if (type === 'event.created') return choice(created);
  if (old === undefined) return choice(isOptOut(value) ? (updated ?? created) : created);
  const leftAlone = typeof before === 'object' && before.value === value;
  return choice(leftAlone ? created : (updated ?? created));
}

function ofUser(message: PlainMessage, path: string, receivedAt: number): Testimony[] {
  const { entity, old, source, type } = message;
  const now = said(entity, path);
  if (typeof now !== 'object') return [];
  const { value } = now;
  const about = { regulation: regulationOf(message), user: String(entity.id), path };
  const receipt = seconds(receivedAt);
  const updated = isAhead(entity.updated_at, receivedAt) ? receipt : (timeOf(entity.updated_at) ?? receipt);
  const ahead = source !== undefined && isAhead(source.created_at, receivedAt);
  if (ahead && !isOptOut(value)) return [];

  const testimony: Testimony[] = [{ kind: 'snapshot', ...about, value, asOf: ahead ? receipt : updated }];
  const before: Said = old === undefined ? 'nothing' : said(old, path);
  const leftAlone = typeof before === 'object' && before.value === value;
  if (type === 'user.updated' && old !== undefined && !leftAlone) {
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
