/** `doorward explain`: the decision and its reasons, for operators and for scripts. */
import { authority, certificate } from '../../../test/support/certificate.ts';
import { testClaims, testIssuer } from '../../../test/support/jwt.ts';
import type { CertificateRule } from '../../core/credential/certificate.ts';
import { describe, expect, it } from 'vitest';
import { fakeAccounts } from '../../../test/support/fake-accounts.ts';
import { START, testUser } from '../../../test/support/fakes.ts';
import { testBinding, testSnapshot } from '../../../test/support/snapshot.ts';
import { doorward, users } from '../../../test/support/terminal.ts';
import { testToken } from '../../../test/support/tokens.ts';

describe('explain', () => {
  const snapshot = testSnapshot({
    routes: [
      {
        id: 'wiki',
        paths: {
          '/open/**': 'public',
          '/admin/**': [
            testBinding(true, { name: 'group', at: 'routes[0].paths[1].policies[0]' }),
            testBinding(false, {
              name: 'method',
              otherwise: 'step-up',
              at: 'routes[0].paths[1].policies[1]',
            }),
          ],
          '/never/**': [testBinding(false, { name: 'network' })],
        },
      },
    ],
  });
  const people = users(
    testUser(),
    testUser({ id: 'fake/dan', name: 'dan', email: '', disabled: true }),
  );
  const explain = (line: string) => doorward(`explain ${line}`, { snapshot, people });

  it('allows a public path to anonymous visitors', async () => {
    const { code, out } = await explain('--url https://wiki.example.com/open/x');
    expect(code).toBe(0);
    expect(out).toContain('allow\n');
    expect(out).toContain('public: open to everyone');
  });

  it('sends anonymous visitors to the flow, and shows where they return to', async () => {
    const { code, out } = await explain('--url https://wiki.example.com/a?b=1');
    expect(code).toBe(1);
    expect(out).toMatch(
      /^authenticate by flow login, then back to https:\/\/wiki.example.com\/a\?b=1\n/,
    );
    expect(out).toContain('reason    session/none');
  });

  it("shows for each rule each policy's verdict, its location, and the remedy", async () => {
    const { code, out } = await explain(
      '--url https://wiki.example.com/admin/x --user ann --methods password',
    );
    expect(code).toBe(1);
    expect(out).toBe(`authenticate by flow step-up, then back to https://wiki.example.com/admin/x

request   GET https://wiki.example.com/admin/x
from      127.0.0.1
at        2026-11-23T12:00:00.000Z
visitor   ann of fake (staff), by password
route     wiki
rule      wiki /admin/**  no  routes[0]
          yes group  dummy/pass  (routes[0].paths[1].policies[0])
          no  method  dummy/fail  (routes[0].paths[1].policies[1])  otherwise: step-up
reason    dummy/fail  (routes[0].paths[1].policies[1])
`);
  });

  it('prints the same as JSON', async () => {
    const { code, out } = await explain('--url https://wiki.example.com/never/x --user ann --json');
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      decision: 'deny',
      status: 403,
      rule: 'wiki /never/**',
      rules: [{ bindings: [{ policy: 'network', pass: false, code: 'dummy/fail' }] }],
    });
  });

  it.each([
    ['https://wiki.example.com/a%c0%af', 'path/escape'],
    ['https://elsewhere.test/', 'host/unknown'],
  ])('refuses %s as the gateway would', async (url, reason) => {
    const { code, out } = await explain(`--url ${url}`);
    expect(code).toBe(1);
    expect(out).toContain(reason);
  });

  it('gives a disabled user no session', async () => {
    const { out } = await explain('--url https://wiki.example.com/ --user dan');
    expect(out).toContain('dan is disabled and has no session');
  });

  it.each([
    ['--url wiki.example.com', 'invalid --url: use a full URL'],
    ['--url https://wiki.example.com/ --ip nowhere', 'invalid --ip'],
    ['--url https://wiki.example.com/ --methods totp', '--methods needs --user'],
    [
      '--url https://wiki.example.com/ --user ann --methods totp,,',
      'invalid --methods: use a list',
    ],
  ])('treats %j as a usage error', async (line, message) => {
    const { code, err } = await explain(line);
    expect(code).toBe(2);
    expect(err).toContain(message);
  });

  it('rejects an unknown username', async () => {
    expect(await explain('--url https://wiki.example.com/ --user eve')).toMatchObject({
      code: 1,
      err: 'doorward: no directory has a user eve; see doorward user list\n',
    });
  });
});

describe('explain --token', () => {
  const snapshot = testSnapshot({
    routes: [
      {
        id: 'files',
        accepts: {
          session: true,
          basic: true,
          passwords: false,
          bearer: false,
          certificate: false,
        },
      },
      { id: 'wiki' },
    ],
  });
  const people = users(
    testUser(),
    testUser({ id: 'fake/dan', name: 'dan', email: '', disabled: true }),
  );
  const accounts = fakeAccounts();
  accounts.all.tokens.push(
    testToken({ methods: ['GET'], expiresAt: START + 1 }),
    testToken({ id: 'expired', expiresAt: START }),
    testToken({ id: 'of00dan', userId: 'fake/dan' }),
    testToken({ id: 'of0gone', userId: 'fake/gone' }),
  );
  const explain = (line: string) => doorward(`explain ${line}`, { snapshot, people, accounts });
  const FILES = '--url https://files.example.com/';

  it('decides as for a request with this token', async () => {
    const { code, out } = await explain(`${FILES} --token AbCdEfG`);
    expect(code).toBe(0);
    expect(out).toContain('visitor   ann of fake (staff), by token AbCdEfG as basic\n');
    const json = JSON.parse((await explain(`${FILES} --token AbCdEfG --json`)).out);
    expect(json).toMatchObject({ visitor: { methods: [], token_id: 'AbCdEfG' } });
  });

  it.each([
    [`${FILES} --token AbCdEfG --method POST`, 'token/method: token AbCdEfG may use GET'],
    [
      `${FILES} --token expired`,
      'token/expired: token expired expired at 2026-11-23T12:00:00.000Z',
    ],
    ['--url https://wiki.example.com/ --token AbCdEfG', 'credential/not-accepted'],
    [`${FILES} --token of00dan`, 'dan is disabled, and so are the tokens'],
  ])('shows why it does not count: %s', async (line, text) => {
    const { code, out } = await explain(line);
    expect(code).toBe(1);
    expect(out).toContain(text);
  });

  it.each([
    [`${FILES} --token unknown`, 1, 'no token of a user has the ID unknown'],
    [`${FILES} --token of0gone`, 1, 'no token of a user has the ID of0gone'],
    [`${FILES} --token AbCdEfG --user ann`, 2, 'leave out --user'],
  ])('refuses %s', async (line, code, text) => {
    const ran = await explain(line);
    expect(ran).toMatchObject({ code, out: '' });
    expect(ran.err).toContain(text);
  });
});

const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

const tokenWith = (claims: Readonly<Record<string, unknown>>) =>
  `${encoded({ alg: 'ES256' })}.${encoded(testClaims(claims))}.unsigned\n`;

describe('explain --jwt', () => {
  const issuer = testIssuer({
    audience: ['https://wiki.example.com'],
    claims: [['repository', ['org/app']]],
  });
  const accepts = {
    session: true,
    basic: false,
    passwords: false,
    bearer: true,
    certificate: false,
  };
  const snapshot = testSnapshot({ routes: [{ id: 'wiki', accepts }], issuers: [issuer] });
  const explain = (line: string, text: string | null) =>
    doorward(`explain --url https://wiki.example.com/ ${line}`, {
      snapshot,
      people: users(testUser()),
      context: { readText: async (path) => (path === 'token.txt' ? text : null) },
    });

  it('decides as for a request with this token, if its signature were right', async () => {
    const right = await explain('--jwt token.txt', tokenWith({ repository: 'org/app' }));
    expect(right.out).toContain(
      'visitor   ann of fake (staff), by jwt ci repo:org/app as bearer\n',
    );
    expect(right.code).toBe(0);
    const wrong = await explain('--jwt token.txt', tokenWith({ repository: 'org/other' }));
    expect(wrong.out).toContain('reason    jwt/claims');
    expect(wrong.code).toBe(1);
    expect((await explain('--jwt token.txt', 'no token')).out).toContain('jwt/malformed');
  });

  it('treats a missing file, and other options for the visitor, as usage errors', async () => {
    for (const line of ['--jwt none.txt', '--jwt token.txt --user ann', '--jwt - --token x']) {
      expect([line, (await explain(line, 'x')).code]).toEqual([line, 2]);
    }
  });
});

describe('explain --certificate', () => {
  const ca = authority();
  const accepts = {
    session: true,
    basic: false,
    passwords: false,
    bearer: false,
    certificate: true,
  };
  const rule: CertificateRule = {
    name: 'builds',
    header: 'ssl-client-cert',
    authorities: [ca.pem],
    attributes: [['subject.OU', ['builds']]],
    user: { name: 'ann' },
    groups: [],
    routes: [],
    methods: [],
    networks: [],
  };
  const snapshot = testSnapshot({ routes: [{ id: 'wiki', accepts }], certificates: [rule] });
  const explain = (line: string, text: string | null) =>
    doorward(`explain --url https://wiki.example.com/ ${line}`, {
      snapshot,
      people: users(testUser()),
      context: { readText: async (path) => (path === 'client.pem' ? text : null) },
    });

  it('decides as for a request with this certificate', async () => {
    const right = await explain(
      '--certificate client.pem',
      certificate({ units: ['builds'] }, ca).pem,
    );
    expect(right.out).toMatch(
      /^visitor {3}ann of fake \(staff\), by certificate builds [0-9a-f]{64}/m,
    );
    expect(right.code).toBe(0);
    for (const [text, reason] of [
      [certificate({ units: ['x'] }, ca).pem, 'certificate/attributes'],
      [certificate({ units: ['builds'] }).pem, 'certificate/issuer'],
      [certificate({ units: ['builds'], until: START - 1 }, ca).pem, 'certificate/expired'],
      ['no certificate', 'certificate/malformed'],
    ]) {
      const wrong = await explain('--certificate client.pem', text ?? '');
      expect(wrong.out).toContain(`reason    ${reason}`);
      expect(wrong.code).toBe(1);
    }
  });

  it('needs a file, and no other visitor', async () => {
    for (const line of ['--certificate none.pem', '--certificate client.pem --user ann']) {
      expect(await explain(line, 'x')).toMatchObject({ code: 2, out: '' });
    }
  });
});
