/**
 * Header names that CGI maps to another one, against a real lighttpd with mod_cgi. Proxy mode here;
 * checks are part of each dialect's contract.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CgiApp, startCgiApp, variablesOf } from '../support/lighttpd.ts';
import { ODD_CHARACTERS } from '../support/odd-names.ts';
import { isLeftOut } from '../support/packages.ts';
import { ALICE, type Proxied, startProxied } from '../support/proxied.ts';
import { answersOf, sendRaw } from '../support/raw.ts';

/** Every token character (RFC 9110 §5.6.2) that is no letter or digit, by when it was observed. */
const CHARACTERS = [...ODD_CHARACTERS, ['HDR-fold-2d', '-'] as const];

/** What the app knows of a request with these lines. */
async function seen(port: number, path: string, lines: readonly string[]) {
  const head = [`GET ${path} HTTP/1.1`, 'Host: app.gw.test', ...lines, 'Connection: close'];
  const [answer] = answersOf(
    await sendRaw(port, `${head.join('\r\n')}\r\n\r\n`, { quiet: 60_000, longest: 60_000 }),
  );
  expect(answer?.status).toBe(200);
  return variablesOf(answer?.body ?? '');
}

describe.skipIf(isLeftOut('lighttpd'))('a CGI app', () => {
  let app: CgiApp;
  let proxied: Proxied;
  beforeAll(async () => {
    app = await startCgiApp();
    proxied = await startProxied(app.url);
  });
  afterAll(async () => {
    await proxied?.close();
    await app?.close();
  });

  const forged = (character: string) => [
    `Remote${character}User: admin`,
    `Remote${character}Groups: admins`,
    `X${character}Forwarded${character}For: 10.6.6.6`,
    `X${character}Real${character}IP: 10.6.6.6`,
    `X${character}Forwarded${character}User: admin`,
  ];

  it('accepts such names as identity headers without a proxy in front', async () => {
    for (const [, character] of CHARACTERS) {
      const variables = await seen(app.port, '/env.sh', forged(character));
      expect([character, variables['HTTP_REMOTE_USER']]).toEqual([character, 'admin']);
    }
  });

  it.each(CHARACTERS)('%s: receives nothing from names with %s', async (_, character) => {
    const alice = await seen(proxied.port, '/env.sh', [`Cookie: ${ALICE}`, ...forged(character)]);
    // lighttpd leaves out a variable if its field is empty.
    expect(alice['HTTP_REMOTE_USER']).toBe('alice');
    expect(alice).not.toHaveProperty('HTTP_REMOTE_GROUPS');
    const anonymous = await seen(proxied.port, '/public/env.sh', forged(character));
    expect(Object.keys(anonymous).filter((name) => name.startsWith('HTTP_REMOTE'))).toEqual([]);
    for (const variables of [alice, anonymous]) {
      expect(variables).toMatchObject({
        HTTP_X_FORWARDED_FOR: '127.0.0.1',
        HTTP_X_REAL_IP: '127.0.0.1',
      });
      expect(variables).not.toHaveProperty('HTTP_X_FORWARDED_USER');
    }
  });

  it.each(['Proxy', 'PROXY', 'Pro_xy', 'HTTP_PROXY', 'Http-Proxy'])(
    'HDR-proxy: receives no proxy to use from %s',
    async (name) => {
      const variables = await seen(proxied.port, '/public/env.sh', [`${name}: http://evil.test`]);
      expect(JSON.stringify(variables)).not.toContain('evil.test');
    },
  );
});
