/** The hosts of generated files: each request goes to the app whose rules Doorward applies. */
import { describe, expect, it } from 'vitest';
import { testSnapshot } from '../../../test/support/snapshot.ts';
import { doorward } from '../../../test/support/terminal.ts';
import { writeConfig as caddy } from '../../dialects/caddy/writer.ts';
import { writeConfig as nginx } from '../../dialects/nginx/writer.ts';
import { writeConfig as traefik } from '../../dialects/traefik/writer.ts';
import { proxyPlan } from './proxy-plan.ts';

const snapshot = testSnapshot({
  publicUrl: 'https://auth.example.com',
  routes: [
    { id: 'all', host: '*.example.com' },
    { id: 'part', host: 'app-*.example.com' },
    { id: 'own', host: '{user}.nb.example.com' },
    { id: 'exact', host: 'x.example.com' },
    { id: 'port', host: 'x.example.com:8443' },
  ],
});
const settings = {
  file: 'doorward.yaml',
  listen: ['127.0.0.1:4747'],
  adminListen: null,
  grpcListen: null,
};
const plan = proxyPlan({ snapshot, settings }, null);

describe('hosts that several patterns match', () => {
  it('have a regular expression each in the file for nginx, the most specific first', () => {
    const text = nginx(plan);
    const names = [...text.slice(text.indexOf('# The portal')).matchAll(/server_name (.*);/g)];
    expect(names.map(([, name]) => name)).toEqual([
      'auth.example.com',
      'x.example.com',
      'x.example.com',
      '~^(?:app-[^.]*\\.example\\.com)$',
      '~^(?:[^.]+\\.nb\\.example\\.com)$',
      '~^(?:[^.]+\\.example\\.com)$',
    ]);
  });

  it('share one site of Caddy', () => {
    const text = caddy(plan);
    expect(text.match(/^https:\/\/\*\.example\.com \{$/gm)).toHaveLength(1);
    expect(text.indexOf('# part\n')).toBeLessThan(text.indexOf('# all\n'));
  });

  it('have priorities in Traefik, and ports their entry points', () => {
    const routers = traefik(plan);
    const priority = (id: string) =>
      Number(new RegExp(`    app-${id}:\\n[^\\n]*\\n +priority: (\\d+)`).exec(routers)?.[1]);
    expect(priority('exact')).toBeGreaterThan(priority('part'));
    expect(priority('part')).toBeGreaterThan(priority('all'));
    expect(routers).toContain('- websecure-8443\n');
  });

  it('are refused for a proxy whose configuration cannot distinguish them', async () => {
    const { code, out, err } = await doorward('generate envoy', { snapshot });
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain('cannot distinguish the apps all and part below example.com');
  });
});
