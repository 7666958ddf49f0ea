/** Users of a real slapd change and recover passwords, within its password policy and over TLS. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, Client } from '../support/client.ts';
import { headingOf, signedIn } from '../support/flow-pages.ts';
import { codeIn, type FlowSite, startFlowSite } from '../support/flow-site.ts';
import { createPeople, dnOf, optionsFor } from '../support/ldap-people.ts';
import { isLeftOut } from '../support/packages.ts';
import { BASE, SEARCHER, type Slapd, startSlapd } from '../support/slapd.ts';
import { until } from '../support/until.ts';

const OLD = 'walnut harbor sketch violin 4';
const NEW = 'copper meadow lantern ribbon 7';
/** One for each test: failed sign-ins count. */
const NAMES = ['ann', 'ben', 'cem', 'dia', 'eli', 'fay', 'gus'];

const POLICY = `dn: cn=policy,${BASE}
objectClass: device
objectClass: pwdPolicy
cn: policy
pwdAttribute: userPassword
pwdCheckQuality: 2
pwdMinLength: 20
pwdInHistory: 3`;

describe.skipIf(isLeftOut('slapd'))('LDAP (unless left out by DOORWARD_TEST_WITHOUT)', () => {
  let server: Slapd;
  let site: FlowSite;
  let readOnly: FlowSite;

  beforeAll(async () => {
    server = await startSlapd({
      access: `access to attrs=userPassword by dn.exact="${SEARCHER.dn}" write by anonymous auth by * none`,
      overlays: `overlay ppolicy\nppolicy_default cn=policy,${BASE}`,
    });
    await server.modify(POLICY);
    await createPeople(server, 'openldap').put(
      NAMES.map((name) => ({ name, email: `${name}@example.test`, password: OLD })),
    );
    const siteWith = (more: object) => {
      const options = optionsFor(server, 'openldap', { type: 'ldap', fresh_for: '1s', ...more });
      return startFlowSite([], 'embedded', `[{ type: embedded }, ${JSON.stringify(options)}]`);
    };
    [site, readOnly] = await Promise.all([siteWith({ write: true }), siteWith({})]);
  });
  afterAll(async () => {
    await Promise.all([site?.close(), readOnly?.close()]);
    await server?.stop();
  });
  const typed = (password: string) => ({ password, password_repeat: password });
  /** Changes the password in a session that has just begun with it. */
  async function change(
    at: FlowSite,
    name: string,
    password: string,
  ): Promise<{ readonly client: Client; readonly page: Answer }> {
    const client = await signedIn(at, name, OLD);
    const first = await client.follow(at.flow('password-change'));
    const form = await client.submitAndFollow(first, { password: OLD });
    return { client, page: await client.submitAndFollow(form, typed(password)) };
  }
  const isInside = async (client: Client): Promise<boolean> =>
    (await client.open(site.wiki)).status === 200;

  it('a new password counts on the server, ends other sessions, and the current one continues', async () => {
    const other = await signedIn(site, 'ann', OLD);
    const { client } = await change(site, 'ann', NEW);
    expect([await isInside(client), await isInside(other)]).toEqual([true, false]);
    await signedIn(site, 'ann', NEW);
    await expect(signedIn(site, 'ann', OLD)).rejects.toThrow('expected');
  });

  it.each([
    ['too short', 'ben', 'vq8!Zr2#kdPw9&xT', 'requires a longer password'],
    ['one from before', 'cem', OLD, 'You used this password before'],
  ])('a password that is %s is refused in words', async (_, name, password, words) => {
    const { client, page } = await change(site, name, password);
    expect(page.body).toContain(words);
    expect(await isInside(client)).toBe(true);
    await signedIn(site, name, OLD);
  });

  it('a forgotten password is recovered', async () => {
    const client = new Client();
    const first = await client.follow(site.flow('recovery'));
    const page = await client.submitAndFollow(first, { login: 'dia' });
    const form = await client.submitAndFollow(page, {
      code: codeIn(await site.emailTo('dia@example.test')),
    });
    const done = await client.submitAndFollow(form, typed(NEW));
    expect(headingOf(done)).toBe('Your password has been changed');
    await signedIn(site, 'dia', NEW);
  });

  it('without write: true, the flow says that the password is managed elsewhere', async () => {
    const { page } = await change(readOnly, 'eli', NEW);
    expect(page.body).toContain('Your password is managed elsewhere');
    await signedIn(readOnly, 'eli', OLD);
  });

  it('a password that is changed on the server ends sessions, and no later one', async () => {
    const before = await signedIn(site, 'fay', OLD);
    const begun = Date.now();
    // The server counts in seconds.
    await until('another second', () => Date.now() > begun + 1_000);
    const attribute = `changetype: modify\nreplace: userPassword\nuserPassword: ${NEW}`;
    await server.modify(`dn: ${dnOf('fay')}\n${attribute}`);
    await until('the session has ended', async () => !(await isInside(before)));
    expect(await isInside(await signedIn(site, 'fay', NEW))).toBe(true);
  });

  it('no password changes while the server is away', async () => {
    const client = await signedIn(site, 'gus', OLD);
    const first = await client.follow(site.flow('password-change'));
    const form = await client.submitAndFollow(first, { password: OLD });
    await server.kill();
    const page = await client.submitAndFollow(form, typed(NEW));
    expect(page.status).toBe(503);
    await server.start();
    await until('the server is used again', async () => {
      const isServed = await isInside(client);
      return isServed && site.gateway.output().includes('"returned"');
    });
    await signedIn(site, 'gus', OLD);
  });
});
