import { describe, expect, it } from 'vitest';
import { faultsOf, linkedOf, loadText } from '../../../test/support/configuration.ts';

const HEAD = 'public_url: https://auth.example.com\ntrusted_proxies: [10.0.0.2]\n';

const load = (header: string, head = HEAD) =>
  loadText(`${head}client_address: { header: "${header}" }\n`);

async function messagesOf(loaded: ReturnType<typeof loadText>): Promise<string[]> {
  return faultsOf(await loaded).map(({ message }) => message);
}

describe('client_address', () => {
  it.each(['X-Real-IP', 'CF-Connecting-IP', 'True-Client-IP', 'Fly-Client-IP', 'x-azure-clientip'])(
    'can be in %s, which is then reserved',
    async (header) => {
      const { identity } = linkedOf(await load(header)).snapshot;
      expect(identity.clientField).toBe(header);
      expect(identity.lower).toContain(header.toLowerCase());
      expect(identity.names).not.toContain(header);
    },
  );

  it('is in X-Forwarded-For by default', async () => {
    expect(linkedOf(await loadText(HEAD)).snapshot.identity.clientField).toBeNull();
  });

  it.each(
    'Connection Keep-Alive TE Transfer-Encoding Upgrade Host Content-Length Content-Type Cookie Set-Cookie Authorization Forwarded X-Forwarded-Host X-Forwarded-Proto X-Request-Id X-Original-URL X-Rewrite-URL X-Auth-Request-Redirect Sec-Fetch-Site Proxy Origin XForwardedHost'.split(
      ' ',
    ),
  )('cannot be in %s', async (header) => {
    expect(await messagesOf(load(header))).toEqual([expect.stringContaining('another meaning')]);
  });

  it.each(['', 'X_Real_IP', 'X-Real-IP:', '1-IP', 'X-Réal-IP', 'a'.repeat(65)])(
    'cannot be in %j, which is no name',
    async (header) => {
      expect(await messagesOf(load(header))).toHaveLength(1);
    },
  );

  it('needs a trusted peer', async () => {
    const head = 'public_url: https://auth.example.com\n';
    expect(await messagesOf(load('X-Real-IP', head))).toEqual([
      expect.stringContaining('no peer is trusted'),
    ]);
    const own = `${head}listen: [{ at: "127.0.0.1:4747", trusts: peer }]\n`;
    expect((await load('X-Real-IP', own)).ok).toBe(true);
  });
});
