import { ConsentSyncClient, type ContactStory } from '../../client';
import { findTemporal } from '../../client/default-connection';
import type { CommonOptions } from '../common-options';
import { EXIT, type ExitCode } from '../exit';
import { printJson, printLine, tell } from '../output';
import { uiUrlOf, workflowPage } from '../temporal-ui';
import { report } from '../trace/report';

/** Prints what became of a contact, in every integration that knows it. */
export async function trace(id: string, { config, json }: CommonOptions): Promise<ExitCode> {
  const client = await ConsentSyncClient.connect(config === undefined ? {} : { config });
  try {
    const stories = await client.trace(id);
    if (stories.length === 0) {
      tell(
        'No contact is known by this id. It is looked for as organization_user_id, as Didomi event id (the last 10 of each contact) and as workflow id; contacts are remembered for a while after their last event only ("remember", then the retention of Temporal\'s namespace).',
      );
      return EXIT.failed;
    }
    if (json) printJson(stories.length === 1 ? stories[0] : stories);
    else printLine(await reports(stories));
    return EXIT.done;
  } finally {
    await client.close();
  }
}

async function reports(stories: readonly ContactStory[]): Promise<string> {
  const { settings, uiUrl: embeddedUiUrl } = await findTemporal(process.env);
  const uiUrl = uiUrlOf(settings, embeddedUiUrl);
  return stories
    .map((story) => {
      const { workflowId, runId } = story;
      return report(story, uiUrl && workflowPage(uiUrl, settings.namespace, workflowId, runId));
    })
    .join('\n\n\n');
}
