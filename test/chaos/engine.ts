import { embeddedEngine } from './embedded-engine';
import { canRunNatively, nativeEngine } from './native-engine';
import type { ChaosOptions } from './options';
import type { Part } from './part';

/** The Temporal server, and what keeps its data. */
export interface Engine {
  readonly name: 'native' | 'embedded';
  /** What runs, for people. */
  readonly description: string;
  /** host:port */
  readonly address: string;
  readonly server: Part;
  /** Absent where the server keeps its data in a file. */
  readonly database?: Part;
}

/**
 * Prepares the engine that was asked for; nothing of it runs yet.
 *
 * @param folder for its data and logs
 * @param tell told what is happening
 */
export async function prepareEngine(
  { engine }: Pick<ChaosOptions, 'engine'>,
  folder: string,
  tell: (message: string) => void,
): Promise<Engine> {
  if (engine === 'embedded') return embeddedEngine(folder, tell);
  const obstacle = await canRunNatively();
  if (obstacle === undefined) {
    try {
      return await nativeEngine(folder, tell);
    } catch (error) {
      if (engine === 'native') throw error;
      tell(`The native engine cannot be had: ${error instanceof Error ? error.message : String(error)}`);
    }
  } else if (engine === 'native') {
    throw new Error(`The native engine cannot be had: ${obstacle}`);
  } else {
    tell(`No PostgreSQL with a Temporal server here: ${obstacle}.`);
  }
  tell('Taking the embedded dev server, with its database in a file, in their place.');
  return embeddedEngine(folder, tell);
}
