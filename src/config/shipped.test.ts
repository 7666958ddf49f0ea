import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { shippedFlows } from '../run/backing/load.ts';
import { linkedOf, realLists, SHIPPED_FLOWS } from '../../test/support/configuration.ts';
import { parse } from 'yaml';
import { schemaFiles } from './schema/json-schema.ts';
import { loadConfiguration } from './load.ts';

const ROOT = join(import.meta.dirname, '../..');

describe('the shipped configuration', () => {
  it('is the first-minute setup: two demo apps, one for administrators', async () => {
    const input = { file: 'config/doorward.yaml', cwd: ROOT, env: {}, lists: realLists };
    const { snapshot, settings } = linkedOf(
      await loadConfiguration({ ...input, shippedFlows: shippedFlows() }),
    );
    expect(snapshot.site.origin).toBe('http://auth.demo.localhost:4747');
    expect(snapshot.domains[0].cookieDomain).toBe('demo.localhost');
    expect([...snapshot.flows.keys()]).toEqual(expect.arrayContaining(['login', 'logout']));
    expect(settings.dataDir).toBe(join(ROOT, 'data'));
    expect(settings.demos).toEqual(['notes', 'whoami']);
    const gates = snapshot.table.routes.map((r) => [
      r.hosts[0]?.name,
      r.rules.map((rule) => [rule.pattern, rule.public, rule.policies.bindings.map((b) => b.name)]),
    ]);
    expect(gates).toEqual([
      [
        'whoami.demo.localhost',
        [
          ['/public/**', true, []],
          ['/**', false, []],
        ],
      ],
      ['notes.demo.localhost', [['/**', false, ['group']]]],
    ]);
  });
});

const read = (file: string): unknown => parse(readFileSync(join(SHIPPED_FLOWS, file), 'utf8'));
const WORDS = ['title', 'text', 'label', 'help', 'submit'];
/** All texts of a flow, by their location. */
function* wordsOf(value: unknown, place: string, isWords = false): Generator<[string, unknown]> {
  if (isWords) yield [place, value];
  else if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value)) {
      const isRead = WORDS.includes(key) || place.endsWith('.permissions');
      yield* wordsOf(inner, `${place}.${key}`, isRead);
    }
  }
}

describe('the shipped flows', () => {
  it.each(readdirSync(SHIPPED_FLOWS))('%s has English and German texts', (file) => {
    const all = [...wordsOf(read(file), file)];
    expect(all.length).toBeGreaterThan(0);
    for (const [place, words] of all) {
      expect([place, Object.keys(words as object)]).toEqual([place, ['en', 'de']]);
    }
  });
});

describe('the JSON Schemas', () => {
  const files = schemaFiles(realLists);

  it.each([...files.keys()])('%s is up to date', (path) => {
    expect(readFileSync(join(ROOT, path), 'utf8')).toBe(files.get(path));
  });

  it.each([...files])('%s describes every option', (_, text) => {
    const bare: string[] = [];
    const visit = (schema: unknown, path: string): void => {
      if (typeof schema !== 'object' || schema === null) return;
      const { properties } = schema as { properties?: Record<string, Record<string, unknown>> };
      for (const [key, option] of Object.entries(properties ?? {})) {
        const isKnown =
          key === 'type' || '$ref' in option || typeof option.description === 'string';
        // A store describes its nested options itself.
        if (!isKnown && !path.startsWith('.properties.state.')) bare.push(`${path}.${key}`);
      }
      for (const [key, inner] of Object.entries(schema)) visit(inner, `${path}.${key}`);
    };
    visit(JSON.parse(text), '');
    expect(bare).toEqual([]);
  });

  it('contain every plug-in by its type', () => {
    const all = [...files.values()].join('');
    const { stages, policies, directories } = realLists;
    for (const { type } of [...stages, ...policies, ...directories])
      expect(all).toContain(`"const": "${type}"`);
  });
});
