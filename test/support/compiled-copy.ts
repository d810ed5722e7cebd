import { mkdirSync, mkdtempSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { transformFileSync } from '@swc/core';

const ROOT = resolve(__dirname, '../..');

/**
 * Compiles source folders into a temporary folder, for tests that need processes of their own: so they run what is
 * in the sources now, whether or not it has been built. Returns that folder; the caller removes it.
 */
export function compiledCopy(...folders: readonly string[]): string {
  const copy = mkdtempSync(join(tmpdir(), 'consent-sync-compiled-'));
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  for (const folder of folders) {
    for (const file of readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })) {
      if (!file.endsWith('.ts')) continue;
      const compiled = transformFileSync(join(ROOT, folder, file), {
        jsc: { target: 'es2023', parser: { syntax: 'typescript' } },
        module: { type: 'commonjs' },
      });
      const target = join(copy, folder, file.replace(/\.ts$/, '.js'));
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, compiled.code);
    }
  }
  return copy;
}
