import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { HTTP, HTTPS } from '../../../test/support/proxy-plans.ts';
import { writeLabels } from './labels.ts';
import { dynamicOf } from './writer.ts';

/** All labels by name, as Docker reads them. */
function labelsOf(text: string): Map<string, string> {
  const { services } = parse(text) as {
    services: Record<string, { labels: readonly string[] }>;
  };
  const all = Object.values(services).flatMap((service) => service.labels);
  return new Map(
    all.map((label) => {
      const [name = '', ...value] = label.replaceAll('$$', '$').split('=');
      return [name, value.join('=')];
    }),
  );
}

const isDotted = (name: string): boolean =>
  name.split('customRequestHeaders.')[1]?.includes('.') === true;

describe.each([HTTP, HTTPS])('labels for Traefik: $scheme', (plan) => {
  const labels = labelsOf(writeLabels(plan));
  const { routers, middlewares } = dynamicOf(plan);

  it('have the routers of the file', () => {
    for (const [name, router] of Object.entries(routers)) {
      const read = (key: string) => labels.get(`traefik.http.routers.${name}.${key}`);
      expect(read('rule')).toBe(router.rule);
      expect(read('middlewares')).toBe(router.middlewares?.join(','));
      expect(read('entryPoints')).toBe(router.entryPoints.join(','));
      expect(read('service')).toBe(router.service);
      expect(read('tls')).toBe(plan.scheme === 'https' ? 'true' : undefined);
    }
  });

  it('have the middlewares of the file, except names with a dot', () => {
    const expected = new Map<string, string>();
    const add = (path: string, value: unknown): void => {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) {
        expected.set(path, String(value));
      } else for (const [name, inner] of Object.entries(value)) add(`${path}.${name}`, inner);
    };
    add('traefik.http.middlewares', middlewares);
    const found = [...labels].filter(([name]) => name.startsWith('traefik.http.middlewares.'));
    expect(found).toEqual([...expected].filter(([name]) => !isDotted(name)));
  });

  it('give every service its port, and leave Compose no variable', () => {
    for (const { service } of Object.values(routers)) {
      const port = labels.get(`traefik.http.services.${service}.loadbalancer.server.port`);
      expect(port).toMatch(/^\d+$/);
    }
    expect(writeLabels(plan).replaceAll('$$', '')).not.toContain('$');
  });
});
