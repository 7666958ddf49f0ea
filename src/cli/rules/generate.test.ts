/** `doorward generate`: which proxies there are, and what is said on the way. */
import { describe, expect, it } from 'vitest';
import { testSnapshot } from '../../../test/support/snapshot.ts';
import { doorward } from '../../../test/support/terminal.ts';

describe('generate', () => {
  it.each(['nginx', 'traefik', 'caddy'])('writes a configuration of %s', async (proxy) => {
    const { code, out, err } = await doorward(`generate ${proxy}`);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain(`/.doorward/check/${proxy}`);
    expect(out).toContain('127.0.0.1:4747');
  });

  it('says which there are when asked for another', async () => {
    expect(await doorward('generate envoy')).toEqual({
      code: 2,
      out: '',
      err: 'doorward: no configuration for envoy; available: nginx, traefik, caddy\n',
    });
  });

  it('uses the given address', async () => {
    expect((await doorward('generate traefik --address doorward:8080')).out).toContain(
      'http://doorward:8080/',
    );
    expect((await doorward(['generate', 'nginx', '--address', 'x; evil'])).code).toBe(2);
  });

  it('warns when the proxy would be refused', async () => {
    const { code, err } = await doorward('generate nginx', {
      snapshot: testSnapshot({ trusted: [] }),
    });
    expect(code).toBe(0);
    expect(err).toContain('add 127.0.0.1 to trusted_proxies');
  });
});
