import type { Config } from '../../config';
import { CommandError, EXIT } from '../exit';

/**
 * The integration that a command is about.
 * @throws CommandError when it is not named and there are several, or there is none of that name
 */
export function chosenIntegration({ integrations }: Pick<Config, 'integrations'>, name?: string): string {
  const names = [...integrations.keys()];
  if (name !== undefined && !integrations.has(name)) {
    throw new CommandError(`There is no integration "${name}". There is: ${names.join(', ')}.`, EXIT.usage);
  }
  const [only] = names;
  if (name === undefined && names.length > 1) {
    throw new CommandError(
      `Which integration? Give --integration with one of: ${names.join(', ')}.`,
      EXIT.usage,
    );
  }
  return name ?? only ?? '';
}
