import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { configJsonSchema, loadConfig, readEnvironment } from '../../../config';
import { isObject } from '../../../config/tree';
import { writeConfig } from './support';

const documentation = readFileSync(join(__dirname, '../../../docs/configuration.md'), 'utf8');
const examples = [...documentation.matchAll(/```json\n(.*?)```/gs)].map(([, text]) => text ?? '');
const env = {
  BREVO_API_KEY: 'k1',
  SHOP_BREVO_API_KEY: 'k2',
  CLUB_BREVO_API_KEY: 'k3',
  WEBHOOK_TOKEN: 'sixteen-or-more!',
  CONSENT_SYNC_ENCRYPTION_KEY: Buffer.alloc(32, 1).toString('base64'),
  CONSENT_SYNC_OLD_ENCRYPTION_KEY: Buffer.alloc(32, 2).toString('base64'),
  DIDOMI_CLIENT_SECRET: 'sixteen-or-more!',
  DIDOMI_API_KEY: 'k4',
  DIDOMI_API_SECRET: 's4',
};

/** Names of all properties that a JSON Schema describes. */
function keysOf(schema: unknown): string[] {
  if (Array.isArray(schema)) return schema.flatMap(keysOf);
  if (!isObject(schema)) return [];
  const own = schema.type === 'object' && isObject(schema.properties) ? Object.keys(schema.properties) : [];
  return [...own, ...Object.values(schema).flatMap(keysOf)];
}

describe('docs/configuration.md', () => {
  test.each(examples)('its example works: %s', (text) => {
    expect(loadConfig({ file: writeConfig(text), env }).integrations.size).toBeGreaterThan(0);
  });

  test('names every key', () => {
    expect(examples.length).toBeGreaterThan(3);
    for (const key of new Set(keysOf(configJsonSchema()))) {
      expect(documentation).toMatch(new RegExp(`[\`."]${key.replace('$', '\\$')}[\`."]`));
    }
  });

  test('gives examples of variables that the service accepts', () => {
    const rows = [...documentation.matchAll(/^\| `([A-Z_]+)` *\| [^|]+ \| `([^`]+)` *\|/gm)];
    const variables = Object.fromEntries(
      rows.map(([, name, value]) => [name, name === 'CONSENT_SYNC_ID_KEY' ? 'a'.repeat(64) : value]),
    );
    expect(Object.keys(variables)).toEqual(
      expect.arrayContaining(['BREVO_API_URL', 'HOST', 'PORT', 'METRICS_PORT']),
    );
    expect(readEnvironment(variables)).toMatchObject({ host: '0.0.0.0', port: 9000, metricsPort: 9464 });
  });
});
