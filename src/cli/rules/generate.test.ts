/** `doorward generate`: which proxies it supports, and its messages. */
import { describe, expect, it } from 'vitest';
import { testSnapshot } from '../../../test/support/snapshot.ts';
import { doorward } from '../../../test/support/terminal.ts';
import type { CertificateRule } from '../../core/credential/certificate.ts';
import type { ProxyWriter } from '../../core/setup/proxy-plan.ts';
import { writers } from '../../dialects/index.ts';

const TARGETS = writers.map(({ target }) => target);

/** Not a configuration of its own. */
function isScript({ target }: ProxyWriter): boolean {
  return target === 'haproxy-lua';
}

/** What a line does with one of the headers that contain the client's address. */
function withoutNames(line: string): string {
  return line.replaceAll(/(?:edge-client|x-real)-ip/g, 'NAME');
}

/** Only their field matters here. */
const CERTIFICATES: CertificateRule = {
  name: 'machines',
  header: 'my-cert',
  authorities: [],
  attributes: [],
  user: { name: 'ann' },
  groups: [],
  routes: [],
  methods: [],
  networks: [],
};

const named = (clientField: string) => ({ snapshot: testSnapshot({ clientField }) });

describe('generate', () => {
  it.each(TARGETS)('writes a configuration of %s', async (target) => {
    const { code, out, err } = await doorward(`generate ${target}`);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain(`doorward generate ${target} -c`);
  });

  // The script of HAProxy takes the address from the configuration that loads it.
  it.each(TARGETS.filter((target) => target !== 'haproxy-lua'))(
    'names where Doorward listens in the file for %s',
    async (target) => {
      const { out } = await doorward(`generate ${target}`);
      expect(out).toMatch(/127\.0\.0\.1(?::|\s+port_value: )4747/);
    },
  );

  it.each(TARGETS.filter((target) => !['haproxy-lua', 'ingress-nginx'].includes(target)))(
    'keeps the field of client certificates from clients in the file for %s',
    async (target) => {
      const { out } = await doorward(`generate ${target}`, {
        snapshot: testSnapshot({ certificates: [CERTIFICATES] }),
      });
      expect(out.toLowerCase()).toContain('my-cert');
      expect((await doorward(`generate ${target}`)).out.toLowerCase()).not.toContain('my-cert');
    },
  );

  it('refuses client certificates behind ingress-nginx, which would pass on those of clients', async () => {
    const { code, out, err } = await doorward('generate ingress-nginx', {
      snapshot: testSnapshot({ certificates: [CERTIFICATES] }),
    });
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain('my-cert');
  });

  it('lists the supported proxies if another is requested', async () => {
    expect(await doorward('generate squid')).toEqual({
      code: 2,
      out: '',
      err: `doorward: no configuration for squid; available: ${TARGETS.join(', ')}\n`,
    });
  });

  it('uses the given address', async () => {
    expect((await doorward('generate traefik --address doorward:8080')).out).toContain(
      'http://doorward:8080/',
    );
    expect((await doorward(['generate', 'nginx', '--address', 'x; evil'])).code).toBe(2);
  });

  it('refuses a unix socket for a proxy that cannot connect to one', async () => {
    expect((await doorward('generate nginx --address unix:/run/d.sock')).code).toBe(0);
    expect(await doorward('generate traefik --address unix:/run/d.sock')).toEqual({
      code: 2,
      out: '',
      err: 'doorward: traefik cannot connect to a unix socket; use --address HOST:PORT\n',
    });
  });

  it.each(writers.filter((writer) => writer.setsAddressFields && !isScript(writer)))(
    'sets the header that names the client in the file for $target',
    async ({ target }) => {
      const snapshot = testSnapshot({ clientField: 'Edge-Client-IP' });
      const { code, out } = await doorward(`generate ${target}`, { snapshot });
      expect(code).toBe(0);
      const lines = out.split('\n').map((line) => line.trim().toLowerCase());
      const about = (name: string) =>
        lines
          .filter((line) => line.includes(name))
          .map(withoutNames)
          .toSorted();
      expect(about('edge-client-ip')).toEqual(about('x-real-ip'));
    },
  );

  it('refuses a header that the proxy cannot set', async () => {
    expect((await doorward('generate traefik', named('X-Real-IP'))).code).toBe(0);
    expect(await doorward('generate traefik', named('Edge-Client-IP'))).toEqual({
      code: 2,
      out: '',
      err: 'doorward: traefik cannot set Edge-Client-IP; use client_address: { header: X-Real-IP }\n',
    });
  });

  it('needs an address if every listener has proxy_protocol', async () => {
    const settings = { listen: [] };
    expect(await doorward('generate nginx', { settings })).toEqual({
      code: 2,
      out: '',
      err: expect.stringContaining('--address'),
    });
    expect((await doorward('generate nginx --address a:1', { settings })).code).toBe(0);
  });

  it('says nothing about a listener that trusts the proxy by itself', async () => {
    const snapshot = testSnapshot({ trusted: [] });
    const settings = { trusts: () => true };
    expect((await doorward('generate nginx', { snapshot, settings })).err).toBe('');
  });

  it('warns when the proxy would be refused', async () => {
    const { code, err } = await doorward('generate nginx', {
      snapshot: testSnapshot({ trusted: [] }),
    });
    expect(code).toBe(0);
    expect(err).toContain('add 127.0.0.1 to trusted_proxies');
  });
});
