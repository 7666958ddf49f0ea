/** Manifests for Kubernetes that the documents show are among those that `generate` writes. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { proxyPlan } from '../src/cli/rules/proxy-plan.ts';
import { writers } from '../src/dialects/index.ts';
import { linkedOf, loadText } from './support/configuration.ts';

const PAGES = [
  ['traefik-kubernetes.md', 'traefik-crd'],
  ['gateway-api.md', 'gateway-api'],
] as const;

/** The page, and each block of a kind in it. */
function shown(page: string, kind: string): readonly string[] {
  const text = readFileSync(join(import.meta.dirname, '../docs/proxies', page), 'utf8');
  return [...text.matchAll(new RegExp(`^\`\`\`yaml ${kind}\n(.*?)^\`\`\`$`, 'gms'))].map(
    ([, block = '']) => block,
  );
}

function manifests(text: string): readonly unknown[] {
  return parseAllDocuments(text).map((document) => document.toJS() as unknown);
}

describe.each(PAGES)('the manifests in docs/proxies/%s', (page, target) => {
  it('are what generate writes for the configuration there', async () => {
    const text = readFileSync(join(import.meta.dirname, '../docs/proxies', page), 'utf8');
    const address = /--address (\S+)/.exec(text)?.[1] ?? null;
    const { snapshot } = linkedOf(await loadText(shown(page, 'config')[0] ?? ''));
    const settings = { file: 'my.yaml', listen: [], grpcListen: '0.0.0.0:4748' };
    const plan = proxyPlan({ snapshot, settings }, address);
    const written = writers.find((one) => one.target === target)?.write(plan) ?? '';
    const blocks = shown(page, target).flatMap(manifests);
    expect(blocks.length).toBeGreaterThan(0);
    const all = manifests(written);
    for (const block of blocks) expect(all).toContainEqual(block);
  });
});
