/** What `generate` writes. test/journeys/generated-apache.test.ts shows that Apache accepts it. */
import { describe, expect, it } from 'vitest';
import { HTTP, HTTPS } from '../../../test/support/proxy-plans.ts';
import { writeConfig } from './apache-writer.ts';

/** The sites, in order. */
const sites = (text: string): readonly string[] =>
  [...text.matchAll(/^<VirtualHost[^]*?^<\/VirtualHost>/gm)].map(([site]) => site);

describe('a configuration for Apache', () => {
  it('has a site for hosts without a route before every other one of its port', () => {
    for (const [plan, ports] of [
      [HTTP, ['8080', '8080']],
      [HTTPS, ['80', '80', '443', '443']],
    ] as const) {
      const found = sites(writeConfig(plan));
      expect(found.map((site) => /\*:(\d+)>/.exec(site)?.[1])).toEqual(ports);
      found.forEach((site, at) => expect(site.includes('Redirect 421 /')).toBe(at % 2 === 0));
    }
  });

  it('names the portal and every app', () => {
    const site = sites(writeConfig(HTTP)).at(-1) ?? '';
    expect(site).toContain('ServerName auth.example.com\n');
    for (const { host } of HTTP.apps.flatMap((app) => app.hosts)) {
      expect(site).toContain(`    ServerAlias ${host}\n`);
    }
  });

  it('listens with TLS if the portal uses https', () => {
    expect(writeConfig(HTTPS)).toContain('SSLEngine on');
    expect(writeConfig(HTTPS)).not.toMatch(/^Listen /m);
    expect(writeConfig(HTTP)).not.toContain('SSLEngine');
    expect(writeConfig(HTTP)).toMatch(/^Listen 8080$/m);
  });

  it('removes every field of a client that the plan names', () => {
    const plan = { ...HTTP, removed: ['X-Shown-Certificate'] };
    expect(writeConfig(plan)).toContain('    RequestHeader unset X-Shown-Certificate\n');
  });
});
