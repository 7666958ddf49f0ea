/** Every configuration in the documentation is valid. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { authority } from '../../test/support/certificate.ts';
import { loadText, SHIPPED_FLOWS } from '../../test/support/configuration.ts';
import { galleryEntries } from '../../test/support/doc-gallery.ts';
import { documents } from '../../test/support/documents.ts';
import { formatFaults } from './faults/fault.ts';

const ROOT = join(import.meta.dirname, '../..');

type Keys = Record<string, unknown>;

/** The base that a fragment is merged into. */
const BASE: Keys = {
  public_url: 'https://auth.example.com',
  session: { cookie_domains: ['example.com'], secrets: ['${env:BASE_SECRET}'] },
};
const BASE_SECRET = 'k3jx9QvLmT5wZr8sYp2nBc7dFg4hJ6aE';

interface Block {
  readonly place: string;
  readonly kind: string;
  readonly text: string;
}

function blocksOf(page: string): readonly Block[] {
  const text = readFileSync(join(ROOT, page), 'utf8');
  return [...text.matchAll(/^```yaml (config|config-fragment|flow)\n(.*?)^```$/gms)].map(
    (match) => ({
      place: `${page}:${text.slice(0, match.index).split('\n').length}`,
      kind: match[1] as string,
      text: match[2] as string,
    }),
  );
}

function laidOver(base: Keys, keys: Keys): Keys {
  const merged = { ...base };
  for (const [key, value] of Object.entries(keys)) {
    const before = base[key];
    const areMaps = [before, value].every(
      (v) => typeof v === 'object' && v !== null && !Array.isArray(v),
    );
    merged[key] = areMaps ? laidOver(before as Keys, value as Keys) : value;
  }
  return merged;
}

/** Loads a text whose references lead to files and variables of the test. */
function load(text: string, files: Record<string, string> = {}) {
  let count = 0;
  const secrets: Record<string, string> = {};
  const here = text
    .replace(/\$\{file:(?!config\/client-ca\.pem)[^}]+\}/g, () => {
      count += 1;
      secrets[`secret-${count}`] = `${count}${BASE_SECRET}`;
      return `\${file:secret-${count}}`;
    })
    .replace(/^( +logo: ).+$/gm, '$1logo.svg');
  const names = [...here.matchAll(/\$\{env:(\w+)\}/g)].map((match) => match[1] as string);
  const env = Object.fromEntries(names.map((name) => [name, `value of ${name}`]));
  return loadText(here, {
    env: { ...env, BASE_SECRET },
    files: { ...files, ...secrets, 'logo.svg': '<svg/>', 'config/client-ca.pem': authority().pem },
  });
}

/** The files beside the shown flow. */
const SHIPPED = Object.fromEntries(
  readdirSync(SHIPPED_FLOWS).map((name) => [
    `flows/${name}`,
    readFileSync(join(SHIPPED_FLOWS, name), 'utf8'),
  ]),
);

const MAIL = { mail: { type: 'smtp', host: 'mail.example.com', from: 'door@example.com' } };

const SOURCES = {
  sources: {
    company: {
      type: 'oidc',
      issuer: 'https://sso.example.com',
      client_id: 'doorward',
      client_secret: BASE_SECRET,
    },
  },
};

/** A fragment beside the flows of the gallery, which it may name. */
function loadBesideGallery(text: string) {
  const shown = galleryEntries().map(({ name, flow }) => [`flows/${name}.yaml`, flow] as const);
  const whole = laidOver({ ...BASE, ...MAIL, flows: './flows' }, parse(text) as Keys);
  return load(stringify(whole), { ...SHIPPED, ...Object.fromEntries(shown) });
}

function loadFlow(text: string) {
  const files = { ...SHIPPED, 'flows/shown.yaml': text };
  const main = {
    public_url: 'https://auth.example.com',
    flows: './flows',
    // Some send emails, and some name a source.
    ...MAIL,
    ...SOURCES,
  };
  return load(stringify(main), files);
}

function loadMain(kind: string, text: string) {
  const whole = kind === 'config' ? text : stringify(laidOver(BASE, parse(text) as Keys));
  // Whatever its flows are, here they are the shipped ones.
  return load(whole.replace(/^flows: .*\n/m, ''));
}

describe('the documentation', () => {
  const blocks = documents().flatMap(blocksOf);

  it('contains configurations', () => {
    expect(
      blocks.filter((b) => b.place.startsWith('docs/configuration.md')).length,
    ).toBeGreaterThan(5);
  });

  it.each(blocks)('contains a $kind that loads, at $place', async ({ place, kind, text }) => {
    const loaded = await (kind === 'flow'
      ? loadFlow(text)
      : place.startsWith('docs/flows.md')
        ? loadBesideGallery(text)
        : loadMain(kind, text));
    expect(loaded.ok ? '' : formatFaults(loaded.faults)).toBe('');
  });
});
