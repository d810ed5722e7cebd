import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { MarkerSearch } from '../support/leaks/markers';

/** A line of a log that shows what no log may. */
export interface Leak {
  readonly file: string;
  readonly line: number;
}

export interface Scan {
  readonly lines: number;
  readonly leaks: readonly Leak[];
}

/** Looks for a text, in whatever case or encoding, in every log of a folder. */
export async function scanLogs(folder: string, marker: string): Promise<Scan> {
  const leaks: Leak[] = [];
  let lines = 0;
  const search = new MarkerSearch({ marker });
  for (const file of (await readdir(folder)).filter((name) => name.endsWith('.log'))) {
    let line = 0;
    for await (const text of createInterface({ input: createReadStream(join(folder, file)) })) {
      line += 1;
      if (search.find(text).length > 0) leaks.push({ file, line });
    }
    lines += line;
  }
  return { lines, leaks };
}
