/**
 * Each shipped flow as scripts use it: the same challenges as JSON. Each journey has a user of its
 * own.
 */
import { expect } from 'vitest';
import { Client } from '../support/client.ts';
import { answer, begin, fieldOf, named, type Talk } from '../support/flow-api.ts';
import { CHOSEN } from '../support/flow-pages.ts';
import { codeIn, type FlowSite, linkIn, onFreshSite, PASSWORD } from '../support/flow-site.ts';
import { ANN, visitProvider } from '../support/oidc-provider.ts';
import { type Phone, phoneWith } from '../support/phone.ts';
import { softwareAuthenticator } from '../support/software-authenticator.ts';
import type { Journeys } from './flow-journey.ts';

const portalOf = ({ gateway }: FlowSite): string => gateway.portal;
const codeOf = ({ reply }: Talk): unknown => [reply.status, reply.json.refusal?.code];

async function signedIn(site: FlowSite, name: string, password = PASSWORD): Promise<Client> {
  const { reply, client } = await named(portalOf(site), name, password);
  expect(reply.json).toEqual({ done: true, location: `${portalOf(site)}/` });
  return client;
}

async function setUpPhone(site: FlowSite, client: Client): Promise<Phone> {
  const talk = await begin(portalOf(site), client, 'setup-totp');
  const phone = phoneWith(fieldOf(talk.reply, 'qr').secret);
  expect((await answer(talk, { code: phone.code() })).reply.json.done).toBe(true);
  return phone;
}

const withFactor = (site: FlowSite, name: string): Promise<Talk> =>
  named(portalOf(site), name, PASSWORD, 'with-factor');

export const API_JOURNEYS: Journeys = {
  login: {
    says: 'a wrong password and an unknown name are rejected alike, and the right one signs in',
    async run(site) {
      const wrong = await named(portalOf(site), 'lea', 'not this one');
      const unknown = await named(portalOf(site), 'leonora', 'not this one');
      expect(codeOf(wrong)).toEqual([401, 'password/wrong']);
      expect(codeOf(unknown)).toEqual(codeOf(wrong));
      const { reply, client } = await answer(wrong, { password: PASSWORD });
      expect(reply.json).toEqual({ done: true, location: `${portalOf(site)}/` });
      expect((await client.open(site.wiki)).status).toBe(200);
      expect(site.app.seen.at(-1)?.values('Remote-User')).toEqual(['lea']);
    },
  },

  logout: {
    says: 'a submission ends the session, and opening the flow does not',
    async run(site) {
      const client = await signedIn(site, 'leo');
      const question = await begin(portalOf(site), client, 'logout');
      expect((await client.open(site.wiki)).status).toBe(200);
      const told = await answer(question, {});
      expect(told.reply.json.stage.type).toBe('message');
      expect((await client.open(site.wiki)).status).toBe(302);
      expect((await answer(told, {})).reply.json.done).toBe(true);
    },
  },

  'step-up': {
    says: 'redirects to the exact URL after the right code',
    async run(site) {
      const client = await signedIn(site, 'ana');
      const phone = await setUpPhone(site, client);
      expect((await client.open(site.deep)).location).toContain('/flow/step-up');
      const question = await begin(portalOf(site), client, 'step-up', { rd: site.deep });
      const wrong = await answer(question, { code: 'ABCDEF' });
      expect(codeOf(wrong)).toEqual([401, 'totp/wrong']);
      const done = await answer(wrong, { code: phone.code() });
      expect(done.reply.json).toEqual({ done: true, location: site.deep });
      expect((await client.open(site.deep)).status).toBe(200);
    },
  },

  enrollment: {
    says: 'an invitation creates one account, in its groups',
    async run(site) {
      const link = await site.invite('--email', 'ida@example.test', '--group', 'staff');
      const invitation = new URL(link).searchParams.get('invitation') ?? '';
      const form = await begin(portalOf(site), new Client(), 'enrollment', { invitation });
      const done = await answer(form, { ...CHOSEN, username: 'ida' });
      expect(new URL(done.reply.json.location).pathname).toBe('/flow/login');
      const client = await signedIn(site, 'ida', CHOSEN.password);
      await client.open(site.wiki);
      expect(site.app.seen.at(-1)?.values('Remote-Groups')).toEqual(['staff']);
      const late = await begin(portalOf(site), new Client(), 'enrollment', { invitation });
      expect([late.reply.status, late.reply.json.error]).toEqual([403, 'invitation/spent']);
    },
  },

  'sign-up': {
    says: 'the code from an email creates the account and signs in, in the browser that asked alone',
    async run(site) {
      const form = await begin(portalOf(site), new Client(), 'sign-up', { rd: site.wiki });
      const mine = { ...CHOSEN, username: 'sid', email: 'sid@example.test' };
      const sent = await answer(form, mine);
      expect(sent.reply.json.stage.type).toBe('email_link');
      const email = await site.emailTo('sid@example.test');
      const query = Object.fromEntries(new URL(linkIn(email)).searchParams);
      const elsewhere = await begin(portalOf(site), new Client(), 'sign-up', query);
      expect([elsewhere.reply.status, elsewhere.reply.json.error]).toEqual([
        403,
        'link/other-browser',
      ]);
      const { reply, client } = await answer(sent, { code: codeIn(email) });
      expect(reply.json).toEqual({ done: true, location: site.wiki });
      await client.open(site.wiki);
      expect(site.app.seen.at(-1)?.values('Remote-User')).toEqual(['sid']);
      expect(site.app.seen.at(-1)?.values('Remote-Email')).toEqual(['sid@example.test']);
    },
  },

  'enrollment-source': {
    says: 'the browser that comes back from the provider goes on in the flow, which creates the account',
    async run(site) {
      site.provider.people.set('noa', { ...ANN, preferred_username: 'noa', email: 'n@noa.test' });
      const redirectUri = `${site.flow('login')}/back`;
      const client = new Client();
      const login = await begin(portalOf(site), client, 'login', { rd: site.wiki });
      const left = await answer(login, { login: '', source: 'company' });
      const { location } = left.reply.json;
      const answered = await visitProvider(location, { redirectUri, login: 'noa' });
      const back = await client.open(`${redirectUri}?${answered.toString()}`);
      const { plan = '' } = Object.fromEntries(new URL(back.location).searchParams);
      const form = await begin(portalOf(site), client, 'enrollment-source', { plan });
      const done = await answer(form, { username: 'noa', display_name: 'Noa' });
      expect(done.reply.json).toEqual({ done: true, location: site.wiki });
      await client.open(site.wiki);
      expect(site.app.seen.at(-1)?.values('Remote-User')).toEqual(['noa']);
      const stranger = await begin(portalOf(site), new Client(), 'enrollment-source');
      expect([stranger.reply.status, stranger.reply.json.error]).toEqual([403, 'flow/source']);
    },
  },

  join: {
    says: 'the address of an invitation is fixed, and still has to be verified',
    async run(site) {
      const link = await site.invite('--flow', 'join', '--email', 'jan@example.test');
      const invitation = new URL(link).searchParams.get('invitation') ?? '';
      const form = await begin(portalOf(site), new Client(), 'join', { invitation });
      const sent = await answer(form, { ...CHOSEN, username: 'jan' });
      const code = codeIn(await site.emailTo('jan@example.test'));
      const { reply, client } = await answer(sent, { code });
      expect(reply.json.done).toBe(true);
      await client.open(site.wiki);
      expect(site.app.seen.at(-1)?.values('Remote-Email')).toEqual(['jan@example.test']);
      const late = await begin(portalOf(site), new Client(), 'join', { invitation });
      expect([late.reply.status, late.reply.json.error]).toEqual([403, 'invitation/spent']);
    },
  },

  recovery: {
    says: 'a mailed link and the second factor lead to a new password, and end every session',
    async run(site) {
      const before = await signedIn(site, 'rex');
      const phone = await setUpPhone(site, before);
      const asking = await begin(portalOf(site), new Client(), 'recovery', { rd: site.wiki });
      const sent = await answer(asking, { login: 'rex@example.test' });
      expect(sent.reply.json.stage.type).toBe('email_link');
      const link = linkIn(await site.emailTo('rex@example.test'));
      const query = Object.fromEntries(new URL(link).searchParams);
      const opened = await begin(portalOf(site), sent.client, 'recovery', query);
      expect(opened.reply.json.stage.type).toBe('link');
      const factor = await answer(opened, {});
      expect(factor.reply.json.stage.type).toBe('authenticator');
      const form = await answer(factor, { code: phone.code() });
      expect(form.reply.json.stage.type).toBe('prompt');
      const done = await answer(await answer(form, CHOSEN), {});
      const next = new URL(done.reply.json.location);
      expect([next.pathname, next.searchParams.get('rd')]).toEqual(['/flow/login', site.wiki]);
      expect((await before.open(site.wiki)).status).toBe(302);
      expect((await named(portalOf(site), 'rex', PASSWORD)).reply.status).toBe(401);
      await signedIn(site, 'rex', CHOSEN.password);
    },
  },

  'password-change': {
    says: 'requires the old password, returns none, and ends other sessions',
    async run(site) {
      const client = await signedIn(site, 'fay');
      const elsewhere = await signedIn(site, 'fay');
      const question = await begin(portalOf(site), client, 'password-change');
      const form = await answer(question, { password: PASSWORD });
      const short = await answer(form, { password: 'short', password_repeat: 'short' });
      expect(fieldOf(short.reply, 'password').error).toBe('Use at least 8 characters.');
      expect([short.reply.status, JSON.stringify(short.reply.json).includes('"short"')]).toEqual([
        422,
        false,
      ]);
      expect((await answer(short, CHOSEN)).reply.json.done).toBe(true);
      expect((await client.open(site.wiki)).status).toBe(200);
      expect((await elsewhere.open(site.wiki)).status).toBe(302);
      expect((await named(portalOf(site), 'fay', PASSWORD)).reply.status).toBe(401);
      await signedIn(site, 'fay', CHOSEN.password);
    },
  },

  'setup-totp': {
    says: 'the next sign-in requires the app, and accepts each code once',
    async run(site) {
      const phone = await setUpPhone(site, await signedIn(site, 'tom'));
      const code = phone.code();
      const first = await answer(await withFactor(site, 'tom'), { code });
      expect(first.reply.json.done).toBe(true);
      const second = await answer(await withFactor(site, 'tom'), { code });
      expect(codeOf(second)).toEqual([401, 'totp/wrong']);
    },
  },

  'setup-passkey': {
    says: 'the passkey is accepted as a second factor, and a forged one is not',
    async run(site) {
      const client = await signedIn(site, 'kit');
      const device = softwareAuthenticator({ origin: portalOf(site) });
      const shown = await begin(portalOf(site), client, 'setup-passkey');
      const passkey = device.create(fieldOf(shown.reply, 'passkey').options);
      expect((await answer(shown, { passkey, nickname: 'Key' })).reply.json.done).toBe(true);
      const question = await begin(portalOf(site), client, 'step-up', { rd: site.deep });
      const forged = device.get(fieldOf(question.reply, 'passkey').options, { forged: true });
      const refused = await answer(question, { passkey: forged });
      expect(codeOf(refused)).toEqual([401, 'webauthn/wrong']);
      const right = device.get(fieldOf(refused.reply, 'passkey').options);
      const done = await answer(refused, { passkey: right });
      expect(done.reply.json).toEqual({ done: true, location: site.deep });
      expect((await client.open(site.deep)).status).toBe(200);
    },
  },

  'setup-recovery-codes': {
    says: 'codes are valid after the user confirms saving them, each of them once',
    async run(site) {
      const client = await signedIn(site, 'dia');
      const shown = await begin(portalOf(site), client, 'setup-recovery-codes');
      const [lost] = fieldOf(shown.reply, 'codes').codes;
      expect((await answer(shown, {})).reply.status).toBe(422);
      const again = await begin(portalOf(site), client, 'setup-recovery-codes');
      const [kept] = fieldOf(again.reply, 'codes').codes;
      expect((await answer(again, { kept: true })).reply.json.done).toBe(true);
      for (const [code, isRight] of [
        [lost, false],
        [kept, true],
        [kept, false],
      ]) {
        const { reply } = await answer(await withFactor(site, 'dia'), { code });
        expect(reply.json.done ?? false).toBe(isRight);
      }
    },
  },

  'setup-email-code': {
    says: 'the address is used after its code is confirmed, and receives one at the next sign-in',
    async run(site) {
      const client = await signedIn(site, 'eve');
      const question = await begin(portalOf(site), client, 'setup-email-code');
      const sent = await answer(question, { email: 'eve@mail.test' });
      expect((await withFactor(site, 'eve')).reply.json.done).toBe(true);
      const code = codeIn(await site.emailTo('eve@mail.test'));
      expect((await answer(sent, { code })).reply.json.done).toBe(true);
      const next = await withFactor(site, 'eve');
      expect(next.reply.json.stage.type).toBe('authenticator');
      const again = await answer(next, { code });
      expect(codeOf(again)).toEqual([401, 'email_code/wrong']);
      const fresh = codeIn(await site.emailTo('eve@mail.test'));
      expect((await answer(again, { code: fresh })).reply.json.done).toBe(true);
    },
  },

  'verify-email': {
    says: 'ENROL-mail: apps see a submitted address only after its code is confirmed',
    async run(site) {
      const link = await site.invite();
      const invitation = new URL(link).searchParams.get('invitation') ?? '';
      const form = await begin(portalOf(site), new Client(), 'enrollment', { invitation });
      await answer(form, { ...CHOSEN, username: 'vera', email: 'vera@corp.test' });
      const client = await signedIn(site, 'vera', CHOSEN.password);
      const seen = async () => {
        await client.open(site.wiki);
        const request = site.app.seen.at(-1);
        return [request?.values('Remote-User').join(), request?.values('Remote-Email').join()];
      };
      expect(await seen()).toEqual(['vera', '']);
      const question = await answer(await begin(portalOf(site), client, 'verify-email'), {});
      const code = codeIn(await site.emailTo('vera@corp.test'));
      expect((await answer(question, { code })).reply.json.done).toBe(true);
      expect(await seen()).toEqual(['vera', 'vera@corp.test']);
    },
  },

  consent: {
    says: 'asks once for an app, and does not remember a refusal',
    async run(site) {
      const client = await signedIn(site, 'hal');
      const ask = (again: string) =>
        begin(portalOf(site), client, 'consent', { rd: site.wiki, again });
      const denied = await answer(await ask('1'), { decision: 'deny' });
      expect([denied.reply.status, denied.reply.json.error]).toEqual([403, 'consent/denied']);
      const allowed = await answer(await ask('2'), {});
      expect(allowed.reply.json).toEqual({ done: true, location: site.wiki });
      expect((await ask('3')).reply.json.stage?.type).not.toBe('consent');
    },
  },

  tokens: {
    says: 'a new token is in one reply, opens the app for its user, and is revoked by its id',
    async run(site) {
      const client = await signedIn(site, 'mia');
      const form = await answer(await begin(portalOf(site), client, 'tokens'), {});
      const wanted = { name: 'Backup', may: 'read', days: '7' };
      const refused = await answer(form, { ...wanted, 'app:wiki': true });
      expect(refused.reply.status).toBe(422);
      const made = await answer(refused, { ...wanted, 'app:files': true });
      const token = String(fieldOf(made.reply, 'secret').secret);
      const headers = { authorization: `Bearer ${token}` };
      const status = async () => (await new Client().send(site.files, { headers })).status;
      expect(await status()).toBe(200);
      expect(site.app.seen.at(-1)?.values('Remote-User')).toEqual(['mia']);
      const list = await answer(made, {});
      expect(JSON.stringify(list.reply.json)).not.toContain(token);
      const revoke = fieldOf(list.reply, 'items').items[0].value;
      const sure = await answer(list, { revoke });
      expect((await answer(sure, {})).reply.status).toBe(200);
      expect(await status()).toBe(401);
    },
  },

  unenrollment: {
    says: 'deletes the user who confirms, and no other',
    async run(site) {
      const client = await signedIn(site, 'gus');
      const question = await begin(portalOf(site), client, 'unenrollment');
      const sure = await answer(question, { password: PASSWORD });
      const unsure = await answer(sure, { name: 'lea' });
      expect(unsure.reply.status).toBe(422);
      expect((await answer(unsure, { name: 'gus' })).reply.json.done).toBe(true);
      expect((await named(portalOf(site), 'gus', PASSWORD)).reply.status).toBe(401);
      expect((await client.open(site.wiki)).status).toBe(302);
      expect((await site.gateway.run(['user', 'show', 'lea'])).code).toBe(0);
    },
  },

  'first-run': {
    says: 'the link of the first start creates one administrator',
    run: ({ store }) => onFreshSite(store, firstRun),
  },
};

async function firstRun(site: FlowSite): Promise<void> {
  const link = new URL(await site.setUpLink());
  const invitation = link.searchParams.get('invitation') ?? '';
  const open = () => begin(portalOf(site), new Client(), 'first-run', { invitation });
  const none = await begin(portalOf(site), new Client(), 'first-run');
  expect([none.reply.status, none.reply.json.error]).toEqual([403, 'invitation/none']);
  const mine = { ...CHOSEN, display_name: 'Ruth Root' };
  const forms = [await open(), await open()];
  const ends = await Promise.all(
    forms.map((form, index) =>
      answer(form, { ...mine, username: `root${index}`, email: `root${index}@gw.test` }),
    ),
  );
  const winners = ends.flatMap(({ reply }, index) => (reply.json.location ? [index] : []));
  expect(winners).toHaveLength(1);
  const client = await signedIn(site, `root${winners[0]}`, CHOSEN.password);
  await client.open(site.wiki);
  expect(site.app.seen.at(-1)?.values('Remote-Groups')).toEqual(['admins']);
  const listed = await site.gateway.run(['user', 'list', '--json']);
  expect(JSON.parse(listed.out)).toHaveLength(1);
  const late = await open();
  expect([late.reply.status, late.reply.json.error]).toEqual([403, 'invitation/spent']);
}
