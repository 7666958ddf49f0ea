/** What `generate` writes. test/journeys/ingress-nginx.test.ts shows how nginx behaves with it. */
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { removedFields } from '../../core/access/request-fields.ts';
import { OWN_PATHS } from '../../core/setup/proxy-plan.ts';
import { HTTP, HTTPS } from '../../../test/support/proxy-plans.ts';
import { writeConfig } from './writer.ts';

interface Manifest {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: {
    readonly tls?: unknown;
    readonly rules: readonly {
      readonly host: string;
      readonly http: {
        readonly paths: readonly {
          readonly path: string;
          readonly backend: { readonly service: { readonly name: string } };
        }[];
      };
    }[];
  };
}

const PREFIX = 'nginx.ingress.kubernetes.io/';
const manifests = (text: string): Manifest[] =>
  parseAllDocuments(text).map((document) => document.toJS() as Manifest);
const annotation = ({ metadata }: Manifest, name: string): string =>
  metadata.annotations?.[PREFIX + name] ?? '';

describe('manifests for ingress-nginx', () => {
  const [own, ...apps] = manifests(writeConfig(HTTPS));

  it('check every host of an app under its own name', () => {
    const hosts = HTTPS.apps.flatMap((app) => app.hosts.map(({ host }) => host));
    expect(apps.map(({ spec }) => spec.rules.map(({ host }) => host).join())).toEqual(hosts);
    apps.forEach((app, at) => {
      const name = hosts[at]?.startsWith('*.') ? '$host' : hosts[at];
      const [url, stated] = annotation(app, 'auth-url').split('?host=');
      expect(url).toBe('http://127.0.0.1:4747/.doorward/check/ingress-nginx');
      expect(stated?.replace(/(?::\d+)?&.*$/, '')).toBe(name);
    });
    expect(new Set(apps.map(({ metadata }) => metadata.name)).size).toBe(apps.length);
  });

  it('need no snippet, and only characters that the controller accepts', () => {
    for (const { metadata } of apps) {
      for (const [name, value] of Object.entries(metadata.annotations ?? {})) {
        expect(name).not.toContain('snippet');
        expect(value).toMatch(/^[-._~a-zA-Z0-9/:, ?&=$]*$/);
      }
    }
  });

  it('let the app receive none of the headers that only Doorward or a proxy may set', () => {
    for (const app of apps) {
      const listed = annotation(app, 'auth-response-headers').split(',');
      for (const name of [...HTTPS.identity, ...removedFields(HTTPS.identity), 'Forwarded']) {
        expect(listed).toContain(name);
      }
      expect(new Set(listed).size).toBe(listed.length);
      expect(listed[0]).toBe('X-Doorward-Flow');
    }
  });

  it('serve the portal and our own paths without a check', () => {
    expect(own?.metadata.annotations).toBeUndefined();
    expect(own?.spec.rules[0]?.host).toBe('auth.example.com');
    for (const { http } of own?.spec.rules.slice(1) ?? []) {
      expect(http.paths.map(({ path }) => path)).toEqual(OWN_PATHS);
    }
  });

  it('use TLS if the portal does', () => {
    expect(own?.spec.tls).toBeDefined();
    expect(writeConfig(HTTP)).not.toContain('tls:');
  });

  it('name Services in their namespaces', () => {
    const plan = { ...HTTP, doorward: 'doorward.auth.svc.cluster.local:4747' };
    const [first] = manifests(writeConfig(plan));
    expect(first?.metadata.namespace).toBe('auth');
    expect(first?.spec.rules[0]?.http.paths[0]?.backend.service.name).toBe('doorward');
    expect(writeConfig(plan)).not.toContain('is no Service');
    expect(writeConfig(HTTP)).toContain('Change this: 127.0.0.1:4747 is no Service.');
  });

  it('say which header of a flow clients could send to the portal', () => {
    const plan = { ...HTTP, removed: [...HTTP.removed, 'X-Shown-Certificate'] };
    expect(writeConfig(plan)).toContain('a flow reads X-Shown-Certificate,');
    expect(writeConfig(HTTP)).not.toContain('a flow reads');
  });
});
