import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** Writes a day of a batch export as Didomi does. Returns the folder of the day. */
export async function writeDay(
  exportFolder: string,
  day: string,
  files: Readonly<Record<string, readonly unknown[]>>,
  { mark = 'users/_SUCCESS' }: { readonly mark?: string | undefined } = {},
): Promise<string> {
  const folder = join(exportFolder, `date=${day}`);
  await mkdir(join(folder, 'users'), { recursive: true });
  for (const [name, lines] of Object.entries(files)) {
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
    await writeFile(join(folder, 'users', name), gzipSync(text));
  }
  await mkdir(dirname(join(folder, mark)), { recursive: true });
  await writeFile(join(folder, mark), '');
  return folder;
}
