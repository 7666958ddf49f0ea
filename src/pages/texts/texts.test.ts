import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { IntlMessageFormat } from 'intl-messageformat';
import { describe, expect, it } from 'vitest';
import type { Texts } from '../../core/values/message.ts';
import { flowTexts } from '../../flow/web/texts.ts';
import { policies } from '../../policies/index.ts';
import { stages } from '../../stages/index.ts';
import { catalogue } from '../words/catalogue.ts';
import { pageTexts } from './texts.ts';

const FLOW = join(import.meta.dirname, '../../flow');
/** Complete languages besides English. */
const COMPLETE = ['de'];

const parts: [string, Texts][] = [
  ['the pages', pageTexts],
  ['the flow engine', flowTexts],
  ...stages.map(({ type, texts }): [string, Texts] => [`the stage ${type}`, texts]),
  ...policies.map(({ type, texts }): [string, Texts] => [`the policy ${type}`, texts]),
];

/** Names of a text's values, with the kind each is used as. Throws for an invalid ICU message. */
function values(text: string): string[] {
  const found = new Set<string>();
  const walk = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    const { type, value } = node as { type?: unknown; value?: unknown };
    // 0 is a piece of text, 7 the `#` of a plural; all others name a value.
    if (typeof type === 'number' && type !== 0 && typeof value === 'string') {
      found.add(`${value}:${type}`);
    }
    for (const child of Object.values(node)) walk(child);
  };
  walk(new IntlMessageFormat(text, 'en', undefined, { ignoreTag: true }).getAst());
  return [...found].sort();
}

describe.each(COMPLETE)('in %s', (language) => {
  it.each(parts)('the texts of %s are complete, with the same values', (_name, texts) => {
    const own = texts[language] ?? {};
    expect(Object.keys(own).sort()).toEqual(Object.keys(texts.en).sort());
    for (const [key, text] of Object.entries(texts.en)) {
      expect([key, values(own[key] ?? '')]).toEqual([key, values(text)]);
      expect(own[key]?.trim()).toBe(own[key]);
      expect(own[key]).not.toBe('');
    }
  });

  it('is chosen by its header, and English for all others', () => {
    const words = catalogue(parts.map(([, texts]) => texts));
    expect(words.languageOf(`${language}-CH,${language};q=0.9,en;q=0.3`)).toBe(language);
    expect(words.languageOf('fr-FR,fr;q=0.9')).toBe('en');
    expect(words.say({ key: 'home.title' }, language)).toBe(pageTexts[language]?.['home.title']);
  });
});

describe('German', () => {
  it('uses Sie, plural forms, and neither straight quotes nor dashes', () => {
    const words = catalogue(parts.map(([, texts]) => texts));
    const wait = (minutes: number) =>
      words.say({ key: 'refused.wait-minutes', values: { minutes } }, 'de');
    expect(wait(1)).toBe('Versuchen Sie es in 1 Minute noch einmal.');
    expect(wait(5)).toBe('Versuchen Sie es in 5 Minuten noch einmal.');
    const all = parts.flatMap(([, texts]) => Object.values(texts['de'] ?? {}));
    expect(all.filter((text) => /["–—]|\b[Dd](u|ich|ir|ein|eine)\b/.test(text))).toEqual([]);
  });
});

describe('texts of the flow', () => {
  it('exist for every key it uses', () => {
    const sources = readdirSync(FLOW, { recursive: true, encoding: 'utf8' }).filter(
      (name) => name.endsWith('.ts') && !name.endsWith('.test.ts'),
    );
    const keys = sources.flatMap((name) => {
      const text = readFileSync(join(FLOW, name), 'utf8');
      return [...text.matchAll(/key: '(flow\.[^']+)'/g)].map((match) => match[1] as string);
    });
    expect(keys.length).toBeGreaterThan(20);
    expect(keys.filter((key) => !Object.hasOwn(flowTexts.en, key))).toEqual([]);
  });
});
