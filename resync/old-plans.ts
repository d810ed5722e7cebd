import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { WorkFolder } from './work-folder';

/** So long a plan may be carried out, in ms: what lies on disk for it is personal data. */
const KEPT_MS = 3 * 86_400_000;

const MARK = 'plan';

/** Marks the files of a run as a plan, which is kept to be carried out. */
export async function keepPlan(folder: WorkFolder): Promise<void> {
  await folder.write(MARK, { run: folder.run });
}

/** Deletes plans that nobody has carried out for days. @param root of all runs @param now ms since 1970 */
export async function forgetOldPlans(root: string, now: number): Promise<void> {
  for (const name of await readdir(root)) {
    const madeAt = await plannedAt(join(root, name));
    if (madeAt !== undefined && now - madeAt > KEPT_MS) await rm(join(root, name), { recursive: true });
  }
}

/** ms since 1970; undefined for what is no plan. */
async function plannedAt(folder: string): Promise<number | undefined> {
  try {
    return (await stat(join(folder, `${MARK}.json`))).mtimeMs;
  } catch {
    return undefined;
  }
}
