/**
 * The examples contain exactly what `generate` writes for their configurations, and their
 * configurations load. `npx vitest run test/examples.test.ts -u` writes the proxies' files again.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { proxyPlan } from '../src/cli/rules/proxy-plan.ts';
import { formatFaults } from '../src/config/faults/fault.ts';
import { loadConfiguration } from '../src/config/load.ts';
import { writers } from '../src/dialects/index.ts';
import { shippedFlows } from '../src/run/backing/load.ts';
import { realLists as lists } from './support/configuration.ts';

const ROOT = join(import.meta.dirname, '..');

const WRITTEN = [
  ['nginx', 'examples/nginx/doorward.conf'],
  ['caddy', 'examples/caddy/doorward.caddy'],
  ['traefik', 'examples/traefik/dynamic.yaml'],
  ['haproxy', 'examples/haproxy/doorward.cfg'],
  ['haproxy-lua', 'examples/haproxy/doorward.lua'],
] as const;

describe.each(WRITTEN)('the example for %s', (name, written) => {
  const folder = dirname(written);
  const file = `${folder}/doorward.yaml`;

  it('is exactly what generate writes for its configuration', async () => {
    const loaded = await loadConfiguration({
      file,
      cwd: ROOT,
      env: {},
      lists,
      shippedFlows: shippedFlows(),
    });
    expect(loaded.ok ? '' : formatFaults(loaded.faults)).toBe('');
    if (!loaded.ok) return;
    const listen = loaded.settings.listen.map((at) =>
      at.kind === 'unix' ? `unix:${at.path}` : `${at.host}:${at.port}`,
    );
    const settings = { file, listen, grpcListen: null, adminListen: null };
    const plan = proxyPlan({ snapshot: loaded.snapshot, settings }, null);
    const text = writers.find(({ target }) => target === name)?.write(plan) ?? '';
    await expect(text).toMatchFileSnapshot(join(ROOT, written));
  });

  it('has a README that names only existing files', () => {
    const readme = readFileSync(join(ROOT, `${folder}/README.md`), 'utf8');
    const named = [...readme.matchAll(/(?:examples|docs|test)\/[\w./-]*\w/g)].map((m) => m[0]);
    expect(named).toContain(file);
    expect(named.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });
});

describe('the examples', () => {
  it('have one folder each, and there are no others', () => {
    expect(readdirSync(join(ROOT, 'examples')).sort()).toEqual(
      ['README.md', 'caddy', 'haproxy', 'nginx', 'systemd', 'traefik'].sort(),
    );
  });
});
