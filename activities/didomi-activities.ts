import { Context } from '@temporalio/activity';
import { rulesVersion } from '../config/rules-version';
import { statementsOf } from '../didomi/api/answer';
import type { DidomiApi } from '../didomi/api/didomi-api';
import type { UserRecord } from '../didomi/api/records';
import type { DidomiActivities, DidomiAnswer, ReadDidomiUserInput } from '../workflows/didomi-contract';
import { beating } from './beating';
import type { Didomi } from './didomi';
import { didomiFailure } from './didomi-failures';
import type { Integrations } from './integrations';

/** The activities that ask Didomi; retried by Temporal alone. */
export function didomiActivities(
  integrations: Pick<Integrations, 'rulesOf'>,
  didomi: Didomi,
): DidomiActivities {
  return {
    async readDidomiUser(input: ReadDidomiUserInput): Promise<DidomiAnswer> {
      const rules = integrations.rulesOf(input.integration);
      const { regulations } = rules;
      const paths = [...new Set(rules.mappings.map(({ value }) => value))];
      try {
        const readAt = Date.now();
        const records = await beating(() =>
          didomi.ask((api) => recordsOf(api, input.organizationUserIds, regulations)),
        );
        const statements = statementsOf(records, { paths, regulations, users: input.users }, readAt);
        return { records: records.length, statements, rules, rulesVersion: rulesVersion(rules) };
      } catch (error) {
        throw didomiFailure(error, input.patient);
      }
    },
  };
}

/** Of all Didomi users that have one of these names. */
async function recordsOf(
  api: DidomiApi,
  organizationUserIds: readonly string[],
  regulations: readonly string[],
): Promise<UserRecord[]> {
  const records = new Map<string, UserRecord>();
  const signal = Context.current().cancellationSignal;
  for (const name of organizationUserIds) {
    for (const record of await api.usersOf(name, { regulations, signal })) {
      records.set(JSON.stringify([record.regulation, record.user.id]), record);
    }
  }
  return [...records.values()];
}
