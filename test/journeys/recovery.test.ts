/**
 * A forgotten password from an attacker's view: which users exist, a mailbox alone, links opened by
 * others, a lock, an account closed meanwhile. On both stores, with real emails.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, Client } from '../support/client.ts';
import { CHOSEN, getCodes, headingOf, setUpPhone, signedIn } from '../support/flow-pages.ts';
import {
  codeIn,
  FLOW_STORES,
  type FlowSite,
  linkIn,
  PASSWORD,
  startFlowSite,
} from '../support/flow-site.ts';

const PEOPLE = ['ana', 'ben', 'cem', 'dia', 'eli', 'fay', 'gus'];

describe.each(FLOW_STORES)('with the state %s', (store) => {
  let site: FlowSite;
  beforeAll(async () => {
    site = await startFlowSite(PEOPLE, store);
  });
  afterAll(() => site?.close());

  /** Requests an email. */
  async function requestEmail(login: string, client = new Client()) {
    const first = await client.follow(site.flow('recovery'));
    return { client, page: await client.submitAndFollow(first, { login }) };
  }
  const emailTo = (name: string): Promise<string> => site.emailTo(`${name}@example.test`);
  /** Whether the earlier password still signs in. */
  const isUntouched = (name: string) => signedIn(site, name);

  it('an unknown name sees the same as a known one, and gets no email', async () => {
    const known = await requestEmail('ana');
    const unknown = await requestEmail('zoe');
    expect(alike(unknown.page, 'zoe')).toEqual(alike(known.page, 'ana'));
    const wrong = await known.client.submitAndFollow(known.page, { code: '000000x' });
    const refused = await unknown.client.submitAndFollow(unknown.page, { code: '000000x' });
    expect(alike(refused, 'zoe')).toEqual(alike(wrong, 'ana'));
    await emailTo('ana');
    await requestEmail('ben');
    await emailTo('ben');
    const to = site.mail.emails.flatMap((email) => email.to);
    expect(to).toEqual(['ana@example.test', 'ben@example.test']);
  });

  it('a mailbox alone does not take over an account with a second factor', async () => {
    const phone = await setUpPhone(site, await signedIn(site, 'cem'));
    const { client, page } = await requestEmail('cem');
    const factor = await client.submitAndFollow(page, { code: codeIn(await emailTo('cem')) });
    expect(headingOf(factor)).toBe('Enter the code from your app');
    // A new password in place of the code is rejected.
    const early = await client.submitAndFollow(factor, CHOSEN);
    expect(headingOf(early)).toBe('Enter the code from your app');
    const wrong = await client.submitAndFollow(early, { code: 'ABCDEF' });
    expect(headingOf(wrong)).toBe('Enter the code from your app');
    await isUntouched('cem');
    const form = await client.submitAndFollow(wrong, { code: phone.code() });
    expect(headingOf(form)).toBe('Choose a new password');
  });

  it('a user who lost the app recovers with a recovery code', async () => {
    const before = await signedIn(site, 'dia');
    const codes = await getCodes(site, before);
    const { client, page } = await requestEmail('dia');
    const factor = await client.submitAndFollow(page, { code: codeIn(await emailTo('dia')) });
    const form = await client.submitAndFollow(factor, { code: codes[0] ?? '' });
    const told = await client.submitAndFollow(form, CHOSEN);
    expect(headingOf(told)).toBe('Your password has been changed');
    await signedIn(site, 'dia', CHOSEN.password);
  });

  it('a link does nothing when it is opened, works once, and only where it was requested', async () => {
    const { client } = await requestEmail('eli');
    const link = linkIn(await emailTo('eli'));
    const scanner = new Client();
    for (const _ of [1, 2, 3]) {
      const seen = await scanner.open(link);
      expect([seen.status, seen.body.includes('works only in the browser')]).toEqual([403, true]);
    }
    const button = await client.follow(link);
    expect(headingOf(button)).toBe('Continue from here');
    const form = await client.submitAndFollow(await client.follow(link), {});
    expect(headingOf(form)).toBe('Choose a new password');
    expect((await scanner.open(link)).status).toBe(410);
    await client.submitAndFollow(form, CHOSEN);
    expect((await client.follow(link)).body).not.toContain('type="password"');
    await signedIn(site, 'eli', CHOSEN.password);
  });

  it('an account that was closed meanwhile cannot be recovered', async () => {
    const { client, page } = await requestEmail('fay');
    const code = codeIn(await emailTo('fay'));
    expect((await site.gateway.run(['user', 'disable', 'fay'])).code).toBe(0);
    const refused = await client.submitAndFollow(page, { code });
    expect(refused.body).toContain('is wrong or has expired');
    expect((await site.gateway.run(['user', 'enable', 'fay'])).code).toBe(0);
    await isUntouched('fay');
  });

  it('an account that is closed while the new password is chosen keeps the old one', async () => {
    const { client, page } = await requestEmail('fay');
    const form = await client.submitAndFollow(page, { code: codeIn(await emailTo('fay')) });
    expect(headingOf(form)).toBe('Choose a new password');
    expect((await site.gateway.run(['user', 'disable', 'fay'])).code).toBe(0);
    const refused = await client.submitAndFollow(form, CHOSEN);
    expect(refused.status).toBe(403);
    expect((await site.gateway.run(['user', 'enable', 'fay'])).code).toBe(0);
    await isUntouched('fay');
  });

  it('a lock counts when the link is used, not when it was sent', async () => {
    const { client, page } = await requestEmail('gus');
    const email = await emailTo('gus');
    expect(email).toContain('A new password was requested for the account gus.');
    expect(email).toContain('The request came from the network address 127.0.0.1.');
    let last = page;
    for (const code of ['1', '2', '3', '4', '5', '6']) {
      last = await client.submitAndFollow(last, { code });
    }
    expect(last.body).toContain('Too many attempts');
    const late = await client.submitAndFollow(last, { code: codeIn(email) });
    expect(late.body).toContain('Too many attempts');
    const pressed = await client.submitAndFollow(await client.follow(linkIn(email)), {});
    expect(pressed.body).not.toContain('type="password"');
    await isUntouched('gus');
    expect((await new Client().signIn(site.wiki, 'gus', PASSWORD)).status).toBe(200);
  });
});

/** A page without what differs from run to run: status, length, and every word except the name. */
function alike({ status, body }: Answer, name: string): object {
  const text = body
    .replaceAll(/value="[^"]{20,}"/g, 'value=""')
    .replaceAll(/(?:plan=|nonce-|nonce=")[\w+/=-]+/g, '')
    .replaceAll(name, 'NAME');
  return { status, text, length: body.length };
}
