/** Each shipped flow as users see it, with real forms. Each journey has a user of its own. */
import { expect } from 'vitest';
import { Client } from '../support/client.ts';
import {
  atSecondFactor,
  CHOSEN,
  getCodes,
  headingOf,
  linkOf,
  passkeyOptions,
  past,
  setUpPhone,
  shownCodes,
  shownSecret,
  signedIn,
} from '../support/flow-pages.ts';
import { codeIn, type FlowSite, linkIn, onFreshSite, PASSWORD } from '../support/flow-site.ts';
import { ANN, visitProvider } from '../support/oidc-provider.ts';
import { phoneWith } from '../support/phone.ts';
import { softwareAuthenticator } from '../support/software-authenticator.ts';
import type { Journeys } from './flow-journey.ts';

const WRONG = 'Wrong username or password';

export const PAGE_JOURNEYS: Journeys = {
  login: {
    says: 'username and password open the app, which receives the user',
    async run(site) {
      const client = new Client();
      const first = await client.follow(site.wiki);
      expect(headingOf(first)).toBe('Sign in');
      const second = await client.submitAndFollow(first, { login: 'LEA@example.test' });
      const wrong = await client.submitAndFollow(second, { password: 'not this one' });
      expect(wrong.body).toContain(WRONG);
      const done = await client.submitAndFollow(wrong, { password: PASSWORD });
      expect(done).toMatchObject({ status: 200, url: site.wiki });
      expect(site.app.seen.at(-1)?.values('Remote-User')).toEqual(['lea']);
    },
  },

  logout: {
    says: 'a click ends the session for every app, and a link alone does not',
    async run(site) {
      const client = await signedIn(site, 'leo');
      const question = await client.follow(site.flow('logout'));
      expect((await client.open(site.wiki)).status).toBe(200);
      const done = await client.submitAndFollow(question, {});
      expect(headingOf(done)).toBe('You are signed out');
      expect((await client.open(site.wiki)).location).toContain('/flow/login');
      expect(await site.sessionsOf('leo')).toBe(0);
    },
  },

  'step-up': {
    says: 'a route that requires a second factor lets the user set one up, and returns to the exact URL',
    async run(site) {
      const client = await signedIn(site, 'ana');
      const shown = await past(client, await client.follow(site.deep));
      const phone = phoneWith(shownSecret(shown));
      const codes = await client.submitAndFollow(shown, { code: phone.code() });
      expect(shownCodes(codes)).toHaveLength(10);
      const done = await client.submitAndFollow(codes, { kept: 'on' });
      expect(done).toMatchObject({ status: 200, url: site.deep });
      expect(JSON.parse(done.body).url).toBe('/deep/er?x=1&y=%20z');
      const later = await signedIn(site, 'ana');
      const question = await later.follow(site.deep);
      expect(headingOf(question)).toBe('Enter the code from your app');
      const wrong = await later.submitAndFollow(question, { code: 'ABCDEF' });
      expect(wrong.body).toContain('is wrong');
      const right = await later.submitAndFollow(wrong, { code: phone.code() });
      expect(right).toMatchObject({ status: 200, url: site.deep });
      expect(site.app.seen.at(-1)?.values('Remote-User')).toEqual(['ana']);
      expect(await site.sessionsOf('ana')).toBe(2);
    },
  },

  enrollment: {
    says: 'an invited user chooses a username and a password once, and signs in with them',
    async run(site) {
      const link = await site.invite('--email', 'ida@example.test', '--group', 'staff');
      const client = new Client();
      const form = await past(client, await client.follow(link));
      expect(form.body).toContain('ida@example.test');
      const taken = await client.submitAndFollow(form, { ...CHOSEN, username: 'LEA' });
      expect(taken.body).toContain('This name is taken.');
      const login = await client.submitAndFollow(taken, { ...CHOSEN, username: 'ida' });
      expect(new URL(login.url).pathname).toBe('/flow/login');
      await signedIn(site, 'ida', CHOSEN.password);
      expect(site.app.seen.at(-1)?.values('Remote-Email')).toEqual(['ida@example.test']);
      expect(site.app.seen.at(-1)?.values('Remote-Groups')).toEqual(['staff']);
      const late = new Client();
      const end = await past(late, await late.follow(link));
      expect([end.status, end.body.includes('has been used already')]).toEqual([403, true]);
    },
  },

  'sign-up': {
    says: 'a stranger creates an account with the code from an email, and arrives at the app',
    async run(site) {
      const client = new Client();
      const question = await client.follow(site.wiki);
      const form = await client.follow(linkOf(question, 'Create an account'));
      const mine = { ...CHOSEN, username: 'sue', email: 'sue@example.test' };
      const sent = await client.submitAndFollow(form, mine);
      expect(headingOf(sent)).toBe('Check your mailbox');
      expect(sent.body).toContain('sue@example.test');
      expect((await site.gateway.run(['user', 'show', 'sue'])).code).toBe(1);
      const wrong = await client.submitAndFollow(sent, { code: '000000x' });
      expect(wrong.body).toContain('is wrong or has expired');
      const code = codeIn(await site.emailTo('sue@example.test'));
      const done = await client.submitAndFollow(wrong, { code });
      expect(done).toMatchObject({ status: 200, url: site.wiki });
      expect(site.app.seen.at(-1)?.values('Remote-Email')).toEqual(['sue@example.test']);
      await signedIn(site, 'sue', CHOSEN.password);
    },
  },

  'enrollment-source': {
    says: 'a user of another provider chooses a username once, and signs in there from then on',
    async run(site) {
      site.provider.people.set('nia', { ...ANN, preferred_username: 'lea', email: 'n@nia.test' });
      const redirectUri = `${site.flow('login')}/back`;
      const arrive = async (client: Client) => {
        const left = await client.submit(await client.follow(site.wiki), {
          login: '',
          source: 'company',
        });
        const answer = await visitProvider(left.location, { redirectUri, login: 'nia' });
        return client.follow(`${redirectUri}?${answer.toString()}`);
      };
      const client = new Client();
      const form = await arrive(client);
      expect(headingOf(form)).toBe('Create your account');
      expect(form.body).toContain('value="Ann Example"');
      const taken = await client.submitAndFollow(form, { username: 'lea', display_name: 'Nia' });
      expect(taken.body).toContain('This name is taken.');
      const done = await client.submitAndFollow(taken, { username: 'nia', display_name: 'Nia' });
      expect(done).toMatchObject({ status: 200, url: site.wiki });
      expect(site.app.seen.at(-1)?.values('Remote-Email')).toEqual(['n@nia.test']);
      expect(site.app.seen.at(-1)?.values('Remote-Groups')).toEqual(['staff']);
      expect((await arrive(new Client())).url).toBe(site.wiki);
      expect(site.app.seen.at(-1)?.values('Remote-User')).toEqual(['nia']);
      expect(headingOf(await new Client().follow(site.flow('enrollment-source')))).not.toBe(
        'Create your account',
      );
    },
  },

  join: {
    says: 'an invited user is signed in by the link from an email, and only then is the invitation used',
    async run(site) {
      const invitation = await site.invite('--flow', 'join', '--group', 'staff');
      const mine = { ...CHOSEN, username: 'joe', email: 'joe@example.test' };
      const client = new Client();
      const form = await past(client, await client.follow(invitation));
      await client.submitAndFollow(form, mine);
      const other = new Client();
      const still = await past(other, await other.follow(invitation));
      expect(headingOf(still)).toBe('Create your account');
      const button = await client.follow(linkIn(await site.emailTo('joe@example.test')));
      const done = await client.submitAndFollow(button, {});
      expect(new URL(done.url).pathname).toBe('/');
      await client.open(site.wiki);
      expect(site.app.seen.at(-1)?.values('Remote-Email')).toEqual(['joe@example.test']);
      expect(site.app.seen.at(-1)?.values('Remote-Groups')).toEqual(['staff']);
      const late = await past(other, await other.follow(invitation));
      expect([late.status, late.body.includes('has been used already')]).toEqual([403, true]);
    },
  },

  recovery: {
    says: 'a mailed code and the second factor lead to a new password, and end every session',
    async run(site) {
      const before = await signedIn(site, 'rex');
      const phone = await setUpPhone(site, before);
      const client = new Client();
      const question = await client.submitAndFollow(await client.follow(site.wiki), {
        login: 'rex',
      });
      const first = await client.follow(linkOf(question, 'Forgot your password?'));
      const sent = await client.submitAndFollow(first, { login: 'rex' });
      expect(headingOf(sent)).toBe('Check your mailbox');
      const code = codeIn(await site.emailTo('rex@example.test'));
      const factor = await client.submitAndFollow(sent, { code });
      expect(headingOf(factor)).toBe('Enter the code from your app');
      const form = await client.submitAndFollow(factor, { code: phone.code() });
      expect(headingOf(form)).toBe('Choose a new password');
      expect((await before.open(site.wiki)).status).toBe(200);
      const told = await client.submitAndFollow(form, CHOSEN);
      expect(headingOf(told)).toBe('Your password has been changed');
      const login = await client.submitAndFollow(told, {});
      expect(new URL(login.url).pathname).toBe('/flow/login');
      expect((await before.open(site.wiki)).status).toBe(302);
      const named = await client.submitAndFollow(login, { login: 'rex' });
      const old = await client.submitAndFollow(named, { password: PASSWORD });
      expect(old.body).toContain(WRONG);
      const done = await client.submitAndFollow(old, { password: CHOSEN.password });
      expect(done).toMatchObject({ status: 200, url: site.wiki });
    },
  },

  'password-change': {
    says: 'requires the old password, and ends other sessions',
    async run(site) {
      const client = await signedIn(site, 'fay');
      const elsewhere = await signedIn(site, 'fay');
      const link = await client.open(`${site.gateway.portal}/.well-known/change-password`);
      expect(link.location).toBe(site.flow('password-change'));
      const question = await client.follow(link.location);
      const wrong = await client.submitAndFollow(question, { password: 'not this one' });
      expect(wrong.body).toContain(WRONG);
      const form = await client.submitAndFollow(wrong, { password: PASSWORD });
      const differs = await client.submitAndFollow(form, {
        ...CHOSEN,
        password_repeat: 'another long password',
      });
      expect(differs.body).toContain('The two passwords are not the same.');
      expect((await client.submitAndFollow(differs, CHOSEN)).status).toBe(200);
      expect((await client.open(site.wiki)).status).toBe(200);
      expect((await elsewhere.open(site.wiki)).status).toBe(302);
      const late = await new Client().signIn(site.wiki, 'fay', PASSWORD);
      expect(late.body).toContain(WRONG);
      await signedIn(site, 'fay', CHOSEN.password);
    },
  },

  'setup-totp': {
    says: 'the next sign-in requires the new app, and accepts each code once',
    async run(site) {
      const phone = await setUpPhone(site, await signedIn(site, 'tom'));
      const { client, page } = await atSecondFactor(site, 'tom');
      const code = phone.code();
      const done = await client.submitAndFollow(page, { code });
      expect(done).toMatchObject({ status: 200, url: site.desk });
      const other = await atSecondFactor(site, 'tom');
      const refused = await other.client.submitAndFollow(other.page, { code });
      expect(refused.body).toContain('is wrong');
    },
  },

  'setup-passkey': {
    says: 'the next sign-in requires the new passkey, and accepts no other',
    async run(site) {
      const client = await signedIn(site, 'kit');
      const device = softwareAuthenticator({ origin: site.gateway.portal });
      const shown = await past(client, await client.follow(site.flow('setup-passkey')));
      const passkey = device.create(passkeyOptions(shown));
      const done = await client.submitAndFollow(shown, { passkey, nickname: 'Key' });
      expect(done).toMatchObject({ status: 200, url: `${site.gateway.portal}/` });
      const other = await atSecondFactor(site, 'kit');
      const forged = device.get(passkeyOptions(other.page), { forged: true });
      const refused = await other.client.submitAndFollow(other.page, { passkey: forged });
      expect((await other.client.open(site.desk)).status).toBe(302);
      const right = device.get(passkeyOptions(refused));
      const end = await other.client.submitAndFollow(refused, { passkey: right });
      expect(end).toMatchObject({ status: 200, url: site.desk });
    },
  },

  'setup-recovery-codes': {
    says: 'each code works once, and new codes replace the old',
    async run(site) {
      const client = await signedIn(site, 'dia');
      const old = await getCodes(site, client);
      const codes = await getCodes(site, client);
      expect(new Set([...old, ...codes]).size).toBe(20);
      const other = await atSecondFactor(site, 'dia');
      expect(headingOf(other.page)).toBe('Enter a recovery code');
      const refused = await other.client.submitAndFollow(other.page, { code: old[0] ?? '' });
      expect(refused.body).toContain('This code is wrong or was already used.');
      const typed = (codes[0] ?? '').toLowerCase().replaceAll('-', ' ');
      const done = await other.client.submitAndFollow(refused, { code: typed });
      expect(done).toMatchObject({ status: 200, url: site.desk });
      const again = await atSecondFactor(site, 'dia');
      const spent = await again.client.submitAndFollow(again.page, { code: typed });
      expect(spent.body).toContain('This code is wrong or was already used.');
    },
  },

  'setup-email-code': {
    says: 'codes are sent to the confirmed address, also at the next sign-in',
    async run(site) {
      const client = await signedIn(site, 'eve');
      const question = await past(client, await client.follow(site.flow('setup-email-code')));
      const sent = await client.submitAndFollow(question, { email: 'eve@mail.test' });
      const first = codeIn(await site.emailTo('eve@mail.test'));
      const wrong = await client.submitAndFollow(sent, {
        code: first === '000000' ? '1' : '000000',
      });
      const done = await client.submitAndFollow(wrong, { code: first });
      expect(done).toMatchObject({ status: 200, url: `${site.gateway.portal}/` });
      const other = await atSecondFactor(site, 'eve');
      expect(other.page.body).toContain('e•••@mail.test');
      const code = codeIn(await site.emailTo('eve@mail.test'));
      const end = await other.client.submitAndFollow(other.page, { code });
      expect(end).toMatchObject({ status: 200, url: site.desk });
    },
  },

  'verify-email': {
    says: 'ENROL-mail: apps see a submitted address only after its code is confirmed',
    async run(site) {
      const client = new Client();
      const form = await past(client, await client.follow(await site.invite()));
      const email = 'vera@corp.test';
      await client.submitAndFollow(form, { ...CHOSEN, username: 'vera', email });
      const vera = await signedIn(site, 'vera', CHOSEN.password);
      await vera.open(site.wiki);
      expect(site.app.seen.at(-1)?.values('Remote-Email').join()).toBe('');
      const notice = await vera.follow(site.flow('verify-email'));
      const question = await vera.submitAndFollow(notice, {});
      const code = codeIn(await site.emailTo(email));
      const done = await vera.submitAndFollow(question, { code });
      expect(done).toMatchObject({ status: 200, url: `${site.gateway.portal}/` });
      await vera.open(site.wiki);
      expect(site.app.seen.at(-1)?.values('Remote-Email')).toEqual([email]);
    },
  },

  consent: {
    says: 'a user who comes from an app is asked for permission once, and a refusal is not remembered',
    async run(site) {
      const client = await signedIn(site, 'hal');
      const url = `${site.flow('consent')}?rd=${encodeURIComponent(site.wiki)}`;
      const refused = await client.submit(await client.follow(url), { decision: 'deny' });
      expect(refused.status).toBe(403);
      const question = await client.follow(`${url}&again=1`);
      expect(question.body).toContain('Your username, email address and groups');
      const done = await client.submitAndFollow(question, {});
      expect(done).toMatchObject({ status: 200, url: site.wiki });
      const later = await client.open(`${url}&again=1`);
      expect(later.body).not.toContain('Your username, email address and groups');
    },
  },

  tokens: {
    says: 'a token opens the app for a program, as its user, until it is revoked',
    async run(site) {
      const client = await signedIn(site, 'mia');
      const program = async (token: string) =>
        (await new Client().send(site.files, { headers: { authorization: `Bearer ${token}` } }))
          .status;
      const form = await client.submitAndFollow(await client.follow(site.flow('tokens')), {});
      const wanted = { name: 'Backup', 'app:files': 'on', may: 'read', days: '7' };
      const shown = await client.submitAndFollow(form, wanted);
      const token = /dwt_\w{40,}/.exec(shown.body)?.[0] ?? '';
      expect(await program(token)).toBe(200);
      expect(site.app.seen.at(-1)?.values('Remote-User')).toEqual(['mia']);
      const list = await client.submitAndFollow(shown, {});
      const revoke = /name="revoke" value="([^"]+)"/.exec(list.body)?.[1] ?? '';
      const sure = await client.submitAndFollow(list, { revoke });
      expect(headingOf(await client.submitAndFollow(sure, {}))).toBe('Tokens for programs');
      expect(await program(token)).toBe(401);
    },
  },

  unenrollment: {
    says: 'deleting the account requires password and username, and leaves no data behind',
    async run(site) {
      const client = await signedIn(site, 'gus');
      const elsewhere = await signedIn(site, 'gus');
      await setUpPhone(site, client);
      const question = await client.follow(site.flow('unenrollment'));
      const sure = await client.submitAndFollow(question, { password: PASSWORD });
      const unsure = await client.submitAndFollow(sure, { name: 'another' });
      expect(headingOf(unsure)).toBe('Delete your account');
      await client.submit(unsure, { name: 'GUS' });
      expect((await elsewhere.open(site.wiki)).status).toBe(302);
      const late = await new Client().signIn(site.wiki, 'gus', PASSWORD);
      expect(late.body).toContain(WRONG);
      expect((await site.gateway.run(['user', 'show', 'gus'])).code).toBe(1);
    },
  },

  'first-run': {
    says: 'the link of the first start creates an administrator, who then signs in',
    run: ({ store }) => onFreshSite(store, firstRun),
  },
};

async function firstRun(site: FlowSite): Promise<void> {
  const link = await site.setUpLink();
  const [client, other] = [new Client(), new Client()];
  const form = await past(client, await client.follow(link));
  expect(headingOf(form)).toBe('Create the first administrator');
  const late = await past(other, await other.follow(link));
  const mine = { ...CHOSEN, username: 'root', display_name: 'Ruth Root', email: 'ruth@gw.test' };
  const login = await client.submitAndFollow(form, mine);
  expect(new URL(login.url).pathname).toBe('/flow/login');
  const refused = await other.submitAndFollow(late, {
    ...mine,
    username: 'evil',
    email: 'e@gw.test',
  });
  expect([refused.status, refused.body.includes('has been used already')]).toEqual([403, true]);
  await signedIn(site, 'root', CHOSEN.password);
  const seen = site.app.seen.at(-1);
  expect(seen?.values('Remote-Name')).toEqual(['Ruth Root']);
  expect(seen?.values('Remote-Groups')).toEqual(['admins']);
}
