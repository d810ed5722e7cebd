import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { z } from 'zod';
import { configJsonSchema, loadConfig } from '../../../config';
import { anyConfig } from '../../fuzz/any-config';
import { classic, DIDOMI_EXAMPLE, NEWER_EXAMPLE } from './support';

const schema = configJsonSchema();
const validator = z.fromJSONSchema(JSON.parse(JSON.stringify(schema)));
const accepts = (value: unknown) => validator.safeParse(value).success;

describe('the JSON Schema', () => {
  test('has a title and a description, and is one that editors understand', () => {
    expect(schema).toMatchObject({
      $schema: 'http://json-schema.org/draft-07/schema#',
      title: 'consent-sync configuration',
      description: expect.stringContaining('Didomi'),
    });
  });

  test('accepts the three shapes', () => {
    expect(accepts(JSON.parse(DIDOMI_EXAMPLE))).toBe(true);
    expect(accepts(NEWER_EXAMPLE)).toBe(true);
    expect(accepts({ integrations: { a: classic(), b: NEWER_EXAMPLE }, ingest: { port: 1 } })).toBe(true);
  });

  test('accepts a variable wherever a text stands', () => {
    const properties = [{ id: `\${ID}`, value: `\${PATH}` }];
    const ingest = { host: `\${H}`, auth: { type: 'bearer', token: `\${T}` } };
    const options = { identifier: `\${KIND}`, remember: `\${R}`, regulations: [`\${G}`] };
    const object = classic({ api_key: `\${KEY}`, list_id: `\${LIST}`, properties }, { ingest, options });
    expect(accepts(object)).toBe(true);
  });

  test('refuses unknown keys, missing keys and wrong values', () => {
    expect(accepts({ ...classic(), upsertMode: true })).toBe(false);
    expect(accepts(classic({ api_key: undefined }))).toBe(false);
    expect(accepts(classic({ list_id: 'abc' }))).toBe(false);
    expect(accepts(classic({ properties: [] }))).toBe(false);
    expect(accepts({ integrations: { 'a b': classic() } })).toBe(false);
    expect(accepts({ ...NEWER_EXAMPLE, type_id: 'webhook-http' })).toBe(false);
  });

  test('accepts everything that the service accepts', () => {
    fc.assert(
      fc.property(anyConfig, (object) => {
        try {
          loadConfig({ object, env: {} });
        } catch {
          return;
        }
        expect(accepts(object)).toBe(true);
      }),
    );
  });
});
