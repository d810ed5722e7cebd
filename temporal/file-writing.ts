import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, link, open, rename, rm } from 'node:fs/promises';

/** Puts a file in place whole, for its owner only, over whatever was there. */
export async function writeWhole(path: string, content: string): Promise<void> {
  await viaDraft(path, content, (draft) => rename(draft, path));
}

/** Puts a file in place whole, for its owner only, unless there is one: of several writers one wins. */
export async function writeOnce(path: string, content: string): Promise<void> {
  await viaDraft(path, content, async (draft) => {
    try {
      await link(draft, path);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === 'EEXIST') return;
      // File systems without hard links.
      if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'EOPNOTSUPP' && code !== 'ENOSYS') throw error;
      await copyUnlessThere(draft, path);
    }
  });
}

async function copyUnlessThere(from: string, to: string): Promise<void> {
  try {
    await copyFile(from, to, constants.COPYFILE_EXCL);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/** The draft is on disk before it gets its name, so that a power cut leaves the whole file or none. */
async function viaDraft(
  path: string,
  content: string,
  place: (draft: string) => Promise<void>,
): Promise<void> {
  const draft = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    const file = await open(draft, 'wx', 0o600);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await place(draft);
  } finally {
    await rm(draft, { force: true });
  }
}
