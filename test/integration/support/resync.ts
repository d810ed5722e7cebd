import { randomUUID } from 'node:crypto';
import { Keys } from '../../../client/keys';
import { rulesVersion } from '../../../config/rules-version';
import type { Target } from '../../../consent/contact';
import { type Identifier, identifierOf } from '../../../consent/identifier';
import { BLACKLIST_FLAG, type Rules } from '../../../consent/rules';
import type { Statement } from '../../../consent/statement';
import {
  CONSENT_CHANGE_SIGNAL,
  CONSENT_SYNC_WORKFLOW,
  type GivenLook,
  type SubmittedChange,
} from '../../../workflows/contract';
import { until } from '../../support/until';
import { storyOf } from './asking';
import { type Harness, ID_KEY, NEWSLETTER } from './harness';

const LEDGER = 'CONSENT_LEDGER';

/** What Didomi's export says of one person. */
export interface Exported {
  readonly enabled: boolean;
  /** When the record was made, in s before now. Default: a minute. */
  readonly secondsAgo?: number;
  /** The person chose it then, and it is more than a record. */
  readonly choice?: true;
}

/** Reads a contact in Brevo as a resync does. @param missed the pages of the list did not show it */
export function read(harness: Harness, email: string, { missed = false } = {}): GivenLook {
  const found = missed ? undefined : harness.simulator.contact({ email });
  const rules = rulesOf(harness);
  const targets = targetsOf(rules);
  const contact = found && {
    id: found.id,
    emailBlacklisted: found.emailBlacklisted,
    attributes: Object.fromEntries(
      targets.flatMap(({ id }) => (found.attributes[id] == null ? [] : [[id, found.attributes[id]]])),
    ),
  };
  return {
    look: { contact: contact ?? null, rules, rulesVersion: rulesVersion(rules), targets },
    at: Date.now(),
  };
}

type Submission = [email: string, exported: Exported, look?: GivenLook];

/** Submits a contact as a resync does. */
export async function submit(
  harness: Harness,
  ...[email, exported, look = read(harness, email)]: Submission
): Promise<void> {
  const identifier = identifierOf(email, 'auto') as Identifier;
  await harness.temporal.workflow.signalWithStart(CONSENT_SYNC_WORKFLOW, {
    workflowId: new Keys(ID_KEY).workflowId('default', identifier),
    taskQueue: harness.config.temporal.taskQueue,
    args: [{ integration: 'default', identifier }],
    signal: CONSENT_CHANGE_SIGNAL,
    signalArgs: [changeOf(harness, exported, look)],
  });
}

/** Submits a contact as a resync does, and waits. @returns what became of it */
export async function outcomeOf(harness: Harness, ...submission: Submission): Promise<string | undefined> {
  await submit(harness, ...submission);
  const latest = async () => (await storyOf(harness, submission[0])).events.at(-1);
  await until('the submission has an outcome', async () => {
    const event = await latest();
    return event?.type === 'resync' && event.outcome !== undefined;
  });
  return (await latest())?.outcome;
}

function changeOf(harness: Harness, exported: Exported, look: GivenLook): SubmittedChange {
  const { enabled: value, secondsAgo = 60, choice } = exported;
  const at = Math.floor(Date.now() / 1000) - secondsAgo;
  const eventId = `resync-${randomUUID()}`;
  const subject = { regulation: 'gdpr', path: NEWSLETTER, user: 'didomi-user' };
  const statement: Statement = choice
    ? { ...subject, choice: { value, at, known: at, eventId } }
    : { ...subject, snapshot: { value, asOf: at } };
  return {
    eventId,
    eventKey: eventId,
    type: 'resync',
    receivedAt: Date.now(),
    statements: [statement],
    rulesVersion: rulesVersion(rulesOf(harness)),
    bulk: true,
    look,
  };
}

function rulesOf({ config }: Harness): Rules {
  const integration = config.integrations.get('default');
  if (!integration) throw new Error('the harness has no integration of that name');
  return integration.rules;
}

function targetsOf({ mappings, ledgerAttribute }: Rules): Target[] {
  const ids = mappings.map(({ id }) => id).filter((id) => id !== BLACKLIST_FLAG);
  return [...ids, ...(ledgerAttribute ? [ledgerAttribute] : [])].map((id) => ({
    id,
    name: id,
    type: { kind: id === LEDGER ? 'text' : 'boolean' },
  }));
}
