import { describe, expect, test } from '@jest/globals';
import { ApplicationFailure, SdkComponent } from '@temporalio/common';
import type { LogEntry } from '@temporalio/worker';
import pino from 'pino';
import { forwarding } from '../../../cli/service/temporal-runtime';
import { BREVO_FAILURES } from '../../../workflows/activities-contract';

function forwarded() {
  const lines: Record<string, unknown>[] = [];
  const options = { level: 'info', formatters: { level: (label: string) => ({ level: label }) } };
  const logger = pino(options, { write: (line: string) => lines.push(JSON.parse(line)) });
  const forward = forwarding(logger);
  const says = (level: LogEntry['level'], message: string, meta: Record<string, unknown> = {}) =>
    forward({ level, message, timestampNanos: 0n, meta });
  return { lines, says };
}

const held = ApplicationFailure.create({ type: BREVO_FAILURES.held, message: 'the key is not valid' });

describe("the log of Temporal's SDK", () => {
  test('tells of a failed activity with its reason, and nothing of its input', () => {
    const { lines, says } = forwarded();
    const error = ApplicationFailure.create({ type: BREVO_FAILURES.refused, message: 'Brevo refuses it' });
    says('WARN', 'Activity failed', {
      error,
      activityType: 'updateContact',
      attempt: 1,
      input: 'ana@example.com',
    });
    expect(lines).toEqual([
      expect.objectContaining({
        level: 'warn',
        msg: 'Activity failed',
        reason: 'Brevo refuses it',
        activityType: 'updateContact',
        attempt: 1,
      }),
    ]);
    expect(JSON.stringify(lines)).not.toContain('ana@example.com');
  });

  test('tells nothing of the contacts that wait for a held account: the account itself is told', () => {
    const { lines, says } = forwarded();
    says('WARN', 'Activity failed', { error: held, taskQueue: 'q/brevo/shop' });
    says('WARN', 'Activity failed', { error: new Error('still held'), activityType: 'awaitBrevo' });
    expect(lines).toEqual([]);
  });

  test('leaves out what is told elsewhere or tells nothing new', () => {
    const { lines, says } = forwarded();
    const error = ApplicationFailure.create({
      type: BREVO_FAILURES.rateLimited,
      message: 'waits for its turn',
    });
    says('WARN', 'Activity failed', { error });
    says('INFO', 'Worker state changed', { sdkComponent: SdkComponent.worker });
    says('WARN', 'No workflows registered, not polling for workflow tasks', {
      sdkComponent: SdkComponent.worker,
    });
    says('WARN', 'gRPC call poll_workflow_task_queue retried 9 times', { sdkComponent: SdkComponent.core });
    expect(lines).toEqual([]);
    says('INFO', 'settled', { sdkComponent: SdkComponent.workflow, outcome: 'created', integration: 'shop' });
    says('ERROR', 'Workflow task failed', {
      sdkComponent: SdkComponent.worker,
      error: new Error('no such export'),
    });
    expect(lines).toMatchObject([
      { level: 'info', outcome: 'created', integration: 'shop' },
      { level: 'error', reason: 'no such export' },
    ]);
  });
});
