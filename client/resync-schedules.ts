import { type Client, ScheduleNotFoundError, ScheduleOverlapPolicy } from '@temporalio/client';
import { defineSearchAttributeKey } from '@temporalio/common';
import { SEARCH_ATTRIBUTES } from '../workflows/contract';
import { RESYNC_WORKFLOW, type ResyncInput } from '../workflows/resync/contract';
import { NIGHTLY } from './resync-figures';

const PREFIX = 'consent-resync/';

/** A time of day, UTC. */
export interface TimeOfDay {
  readonly hour: number;
  readonly minute: number;
}

export interface ResyncSchedule {
  readonly integration: string;
  /** Of the schedule in Temporal. */
  readonly id: string;
  readonly planOnly: boolean;
  readonly isPaused: boolean;
  /** ISO 8601. */
  readonly nextAt?: string;
}

/** Nightly runs, one schedule an integration. */
export class ResyncSchedules {
  constructor(
    private readonly temporal: Client,
    private readonly taskQueue: string,
  ) {}

  /** @throws ScheduleAlreadyRunning of Temporal when the integration has one */
  async create(input: Omit<ResyncInput, 'run'>, { hour, minute }: TimeOfDay): Promise<string> {
    const scheduleId = idOf(input.integration);
    await this.temporal.schedule.create({
      scheduleId,
      spec: { calendars: [{ hour, minute, comment: 'every night' }] },
      // A run that takes more than a day is not followed by another one beside it.
      policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '6 hours' },
      memo: { planOnly: input.planOnly },
      action: {
        type: 'startWorkflow',
        workflowType: RESYNC_WORKFLOW,
        // Temporal adds the time of the run.
        workflowId: `${PREFIX}${input.integration}/${NIGHTLY}`,
        taskQueue: this.taskQueue,
        args: [input],
        typedSearchAttributes: [
          {
            key: defineSearchAttributeKey(SEARCH_ATTRIBUTES.integration, 'KEYWORD'),
            value: input.integration,
          },
        ],
      },
    });
    return scheduleId;
  }

  async list(): Promise<ResyncSchedule[]> {
    const schedules: ResyncSchedule[] = [];
    for await (const { scheduleId, memo, info, state } of this.temporal.schedule.list()) {
      if (!scheduleId.startsWith(PREFIX)) continue;
      const [next] = info.nextActionTimes;
      schedules.push({
        integration: scheduleId.slice(PREFIX.length),
        id: scheduleId,
        planOnly: memo?.planOnly === true,
        isPaused: state.paused,
        ...(next && { nextAt: next.toISOString() }),
      });
    }
    return schedules;
  }

  /** @returns whether there was one */
  async delete(integration: string): Promise<boolean> {
    try {
      await this.temporal.schedule.getHandle(idOf(integration)).delete();
      return true;
    } catch (error) {
      if (error instanceof ScheduleNotFoundError) return false;
      throw error;
    }
  }
}

function idOf(integration: string): string {
  return `${PREFIX}${integration}`;
}
