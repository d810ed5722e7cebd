import type { RawIntegration } from './conflicts';
import { DEFAULTS } from './defaults';
import { type IntegrationForm, integrationShapes } from './shapes';
import { isObject, type Path } from './tree';

/** Which of the three shapes a file has, judged by its keys alone: what is wrong inside comes later. */
export type Layout =
  | { readonly kind: 'single'; readonly integration: RawIntegration }
  | { readonly kind: 'several'; readonly integrations: readonly RawIntegration[] };

export function layoutOf(root: Record<string, unknown>): Layout {
  if (Object.hasOwn(root, 'integrations') || !looksLikeIntegration(root)) {
    const integrations = isObject(root.integrations) ? root.integrations : {};
    return {
      kind: 'several',
      integrations: Object.entries(integrations)
        // Reported as an unknown key.
        .filter(([name]) => name !== '__proto__')
        .map(([name, value]) => raw(name, value, ['integrations', name])),
    };
  }
  return { kind: 'single', integration: raw(DEFAULTS.integrationName, root, []) };
}

function raw(name: string, value: unknown, path: Path): RawIntegration {
  return { name, form: isObject(value) ? formOf(value) : 'classic', path };
}

function looksLikeIntegration(value: Record<string, unknown>): boolean {
  return Object.values(integrationShapes).some(({ shape }) =>
    Object.keys(shape).some((key) => Object.hasOwn(value, key)),
  );
}

function formOf(value: Record<string, unknown>): IntegrationForm {
  const has = (key: string) => Object.hasOwn(value, key);
  if (has('config')) return 'classic';
  return has('type_id') || has('authentication') || has('mappings') || isObject(value.properties)
    ? 'newer'
    : 'classic';
}
