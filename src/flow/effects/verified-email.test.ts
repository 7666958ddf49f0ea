/** Addresses that users claim: what they give access to before and after they are verified. */
import { describe, expect, it } from 'vitest';
import { testInvitation } from '../../../test/support/fake-accounts.ts';
import { testUser } from '../../../test/support/fakes.ts';
import { flowBrowser, flowEngine, LOGIN, testFlow } from '../../../test/support/flow-fakes.ts';
import { Problem } from '../../core/values/problem.ts';

const MALLORY = testUser({
  id: 'fake/mallory',
  name: 'mallory',
  email: 'ceo@corp.test',
  emailVerified: false,
});
const STAGES = ['email_code', 'email_link'] as const;
type MailStage = (typeof STAGES)[number];

const recovery = (type: MailStage) =>
  testFlow('back', [{ type: 'identification' }, { type }, { type: 'user_login' }]);
const secondFactor = (type: MailStage) =>
  testFlow('both', [
    { type: 'identification' },
    { type: 'password' },
    { type },
    { type: 'user_login' },
  ]);

function engineWith(type: MailStage) {
  const flows = [LOGIN, recovery(type), secondFactor(type)];
  const engine = flowEngine({ flows, users: [testUser(), MALLORY] });
  const browser = flowBrowser(engine);
  const isVerified = async () => (await engine.directory.read(MALLORY.id))?.emailVerified;
  const lastCode = () => engine.emails.all.at(-1)?.values['code'] ?? '';
  return { engine, browser, isVerified, lastCode };
}

describe.each(STAGES)('an unverified address and %s', (type) => {
  it('ENROL-mail: gets no email that gives access by itself', async () => {
    const { engine, browser } = engineWith(type);
    for (const login of ['mallory', 'ceo@corp.test']) {
      const page = await browser.submit(await browser.open('/flow/back'), { login });
      expect(page.view.challenge.type).toBe(type);
      expect(engine.emails.all).toEqual([]);
    }
  });

  it('ENROL-mail: gets one after the password, and is verified by the code from it', async () => {
    const { engine, browser, isVerified, lastCode } = engineWith(type);
    const password = await browser.submit(await browser.open('/flow/both'), { login: 'mallory' });
    const page = await browser.submit(password, { password: 'right' });
    expect(engine.emails.all.map(({ to }) => to)).toEqual(['ceo@corp.test']);
    const again = await browser.submit(page, { code: '000000' });
    expect(await isVerified()).toBe(false);
    await browser.submit(again, { code: lastCode() });
    expect(await isVerified()).toBe(true);
    expect((await browser.session())?.userId).toBe('fake/mallory');
  });

  it('ENROL-mail: is not verified when it changed meanwhile', async () => {
    const { engine, browser, isVerified, lastCode } = engineWith(type);
    const password = await browser.submit(await browser.open('/flow/both'), { login: 'mallory' });
    const page = await browser.submit(password, { password: 'right' });
    const code = lastCode();
    engine.directory.put({ ...MALLORY, email: 'cfo@corp.test' });
    await browser.submit(page, { code });
    expect(await isVerified()).toBe(false);
  });

  it('ENROL-mail: stays unverified when it has become another user’s', async () => {
    const { engine, browser, isVerified, lastCode } = engineWith(type);
    const password = await browser.submit(await browser.open('/flow/both'), { login: 'mallory' });
    const page = await browser.submit(password, { password: 'right' });
    engine.users.writeFault = new Problem('user/exists', 'Taken.', { status: 409 });
    await browser.submit(page, { code: lastCode() });
    expect(await isVerified()).toBe(false);
    expect(engine.events.all).toContainEqual(expect.objectContaining({ code: 'email/taken' }));
  });

  it('ENROL-mail: is verified by its owner in a flow that does nothing else', async () => {
    const words = [{ type: 'message', title: 'Verify', text: 'We send a code.' }, { type }];
    const flow = testFlow('verify-email', words, { requires: 'session' });
    const engine = flowEngine({ flows: [LOGIN, flow], users: [MALLORY] });
    const browser = flowBrowser(engine);
    const page = await browser.submit(await browser.open('/flow/login'), { login: 'mallory' });
    await browser.submit(page, { password: 'right' });
    const question = await browser.submit(await browser.open('/flow/verify-email'));
    const code = engine.emails.all.at(-1)?.values['code'] ?? '';
    await browser.submit(question, { code });
    expect(await engine.directory.read(MALLORY.id)).toMatchObject({ emailVerified: true });
  });

  it('is the way in, and verified, of a user who has no other', async () => {
    const { engine, browser, isVerified, lastCode } = engineWith(type);
    engine.directory.hasPassword = () => Promise.resolve(false);
    const page = await browser.submit(await browser.open('/flow/back'), { login: 'mallory' });
    await browser.submit(page, { code: lastCode() });
    expect((await browser.session())?.userId).toBe('fake/mallory');
    expect(await isVerified()).toBe(true);
  });
});

const FORM = {
  type: 'prompt',
  fields: [
    { type: 'username', name: 'username', required: false },
    { type: 'email', name: 'email', required: false },
  ],
};
const FIELDS = { name: 'username', email: 'email' };

async function enroll(data: Record<string, unknown> | null, typed: string, isFirst = false) {
  const write = { type: 'user_write', create: 'always', fields: FIELDS };
  const words = data === null ? [FORM, write] : [{ type: 'invitation' }, FORM, write];
  const users = isFirst ? [] : [testUser()];
  const engine = flowEngine({ flows: [testFlow('enrollment', words)], users });
  const tokenName = engine.vault.name('invitation', 'x'.repeat(32));
  const invitation = testInvitation({ tokenName, data: (data ?? {}) as never });
  engine.accounts.all.invitations = [invitation];
  const browser = flowBrowser(engine);
  const query = data === null ? '' : `?invitation=${'x'.repeat(32)}`;
  const page = await browser.open(`/flow/enrollment${query}`);
  await browser.submit(page, { username: 'new', email: typed });
  return engine.directory.find('new', ['username']);
}

describe('the address of a new user', () => {
  it.each<[string, Record<string, unknown> | null, string, boolean]>([
    ['entered at an open enrollment', null, 'ceo@corp.test', false],
    ['entered with an invitation that names none', {}, 'ceo@corp.test', false],
    ['named by the invitation', { email: 'new@corp.test' }, 'ceo@corp.test', true],
  ])('ENROL-mail: %s', async (_, data, typed, isVerified) => {
    const user = await enroll(data, typed);
    expect(user?.email).toBe((data?.['email'] as string | undefined) ?? typed);
    expect(user?.emailVerified).toBe(isVerified);
  });

  it('ENROL-mail: of the first administrator is trusted, since that is the operator', async () => {
    expect((await enroll({ first: true }, 'root@corp.test', true))?.emailVerified).toBe(true);
  });

  it('ENROL-mail: is unverified again after a change', async () => {
    const write = { type: 'user_write', fields: FIELDS };
    const settings = testFlow('settings', [FORM, write], { requires: 'session' });
    const engine = flowEngine({ flows: [LOGIN, settings] });
    const browser = flowBrowser(engine);
    await browser.signIn();
    await browser.submit(await browser.open('/flow/settings'), { email: 'ceo@corp.test' });
    expect(await engine.directory.read('fake/ann')).toMatchObject({
      email: 'ceo@corp.test',
      emailVerified: false,
    });
  });
});
