import type { Finding } from './problem';
import { isSecretPath } from './secrets';
import { isObject, MAX_DEPTH, type Path } from './tree';

export type Variables = Readonly<Record<string, string | undefined>>;

/** `$${` is a literal `${`; else `${…}`, of which the closing brace may be missing. */
const PLACEHOLDER = /\$\$\{|\$\{([^{}]*)(\}?)/g;
const VARIABLE_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * A copy of `value` in which every `${NAME}` inside a string is replaced from the environment. A string with a
 * problem stays as it is. What is replaced is not looked through again.
 */
export function substitute(value: unknown, env: Variables): { value: unknown; findings: Finding[] } {
  const findings: Finding[] = [];
  // An object given by a program may hold itself: one way down is enough to know.
  let tooDeep = false;
  const copy = (item: unknown, path: Path): unknown => {
    if (typeof item === 'string') {
      const { text, problems } = substituteText(item, isSecretPath(path), env);
      findings.push(...problems.map((problem) => ({ path, ...problem })));
      return problems.length === 0 ? text : item;
    }
    if (typeof item !== 'object' || item === null) return item;
    if (tooDeep) return undefined;
    if (path.length >= MAX_DEPTH) {
      tooDeep = true;
      findings.push({ path: path.slice(0, 3), message: `is nested more than ${MAX_DEPTH} levels deep` });
      return undefined;
    }
    if (Array.isArray(item)) return item.map((element, index) => copy(element, [...path, index]));
    if (!isObject(item)) return item;
    // fromEntries defines properties, so a key `__proto__` stays a key.
    return Object.fromEntries(
      Object.entries(item).map(([key, element]) => [key, copy(element, [...path, key])]),
    );
  };
  return { value: copy(value, []), findings };
}

function substituteText(
  text: string,
  isSecret: boolean,
  env: Variables,
): { text: string; problems: Omit<Finding, 'path'>[] } {
  const problems: Omit<Finding, 'path'>[] = [];
  const replaced = text.replace(PLACEHOLDER, (match: string, name: string | undefined, close: string) => {
    if (match === '$${') return '${';
    if (name === undefined || close === '' || !VARIABLE_NAME.test(name)) {
      problems.push({
        message: `holds \${ that does not begin \${NAME} with the name of an environment variable`,
        fix: `Write \${NAME} with letters, digits and _ only, or $\${ for a literal \${.`,
      });
      return match;
    }
    const value = Object.hasOwn(env, name) ? env[name] : undefined;
    if (value === undefined) {
      problems.push({
        message: `needs the environment variable ${name}, which is not set`,
        fix: `Set ${name} where this command runs, or write $\${${name}} if the text itself is meant.`,
      });
    } else if (value === '' && isSecret) {
      problems.push({
        message: `needs the environment variable ${name}, which is set but empty`,
        fix: `Give ${name} its value where this command runs.`,
      });
    }
    return value ?? match;
  });
  return { text: replaced, problems };
}
