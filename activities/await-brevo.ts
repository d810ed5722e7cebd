import { ApplicationFailure, activityInfo } from '@temporalio/activity';
import type { BrevoAccount } from '../brevo/accounts';
import { BrevoError } from '../brevo/errors';
import { ATTRIBUTE_LIST, LOOK } from '../brevo/gate';
import type { Visitor } from '../brevo/waiting-room';
import { type Admission, type AwaitBrevoInput, BREVO_FAILURES } from '../workflows/activities-contract';
import { callOptions, priorityOf, workflowId } from './call-options';

/**
 * Lets a contact go on when its account serves it again, or when it is its turn to try. What reading can tell is tried
 * right here, which costs no history.
 *
 * @throws ApplicationFailure that says why it waits, and when Temporal is to ask again
 */
export async function awaitBrevo(account: BrevoAccount, input: AwaitBrevoInput): Promise<Admission> {
  const { gate, room } = account;
  const visitor = visitorOf(input);
  const answer = room.ask(visitor);
  if (answer.kind === 'go') return answer.news ? { news: answer.news } : {};
  if (answer.kind === 'wait') throw notYet(gate.reason(), answer.ms);
  const reading = readingThatTells(account, input);
  if (!reading) return { turn: room.reserve(visitor.who) };
  try {
    await reading();
  } catch (error) {
    // What Brevo says to it, the gate has heard.
    if (!(error instanceof BrevoError)) throw error;
  } finally {
    room.endTurn(visitor.who);
  }
  const after = room.ask(visitor);
  if (after.kind === 'go') return after.news ? { news: after.news } : {};
  if (after.kind === 'turn') return { turn: room.reserve(visitor.who) };
  throw notYet(gate.reason(), after.ms);
}

function visitorOf({ needs, refusals, asked }: AwaitBrevoInput): Visitor {
  const { priority, scheduledTimestampMs } = activityInfo();
  const urgency = priorityOf(priority?.priorityKey);
  return {
    who: workflowId(),
    withdrawal: urgency === 'withdrawal' || urgency === 'bulkWithdrawal',
    needs,
    refusals,
    asked,
    since: scheduledTimestampMs,
  };
}

/** A call that changes nothing, where its answer would show whether Brevo serves the account. */
function readingThatTells(
  { gate, client }: BrevoAccount,
  { integration, identifier }: AwaitBrevoInput,
): (() => Promise<unknown>) | undefined {
  const options = {
    ...callOptions(integration),
    priority: 'withdrawal',
    caller: { who: workflowId(), turn: {} },
  } as const;
  if (gate.opensWithAnyAnswer() || gate.refuses(ATTRIBUTE_LIST)) return () => client.listAttributes(options);
  if (identifier && gate.refuses(LOOK)) return () => client.getContact(identifier, options);
  return undefined;
}

function notYet(reason: string | undefined, ms: number): ApplicationFailure {
  return ApplicationFailure.create({
    type: BREVO_FAILURES.waiting,
    message: reason ?? 'Brevo serves the account again: withdrawals go first.',
    nextRetryDelay: Math.ceil(ms),
  });
}
