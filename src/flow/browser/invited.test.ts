import { describe, expect, it } from 'vitest';
import { testInvitation } from '../../../test/support/fake-accounts.ts';
import {
  flowBrowser,
  flowEngine,
  LOGIN,
  type Seen,
  testFlow,
} from '../../../test/support/flow-fakes.ts';

const TOKEN = 'abcdefghijklmnop';
const RD = encodeURIComponent('https://wiki.example.com/');

const JOIN = testFlow('join', [
  { type: 'invitation' },
  { type: 'identification' },
  { type: 'password' },
  { type: 'user_login' },
]);

async function invited(flow = JOIN) {
  const engine = flowEngine({ flows: [LOGIN, flow] });
  const tokenName = engine.vault.name('invitation', TOKEN);
  await engine.accounts.createInvitation({ ...testInvitation(), tokenName, flow: flow.name });
  const browser = flowBrowser(engine);
  return { engine, browser, open: () => browser.open(`/flow/join?invitation=${TOKEN}&rd=${RD}`) };
}

const typeOf = (page: Seen): string => page.view.challenge?.type ?? page.view.code;

describe('an invitation', () => {
  it('is kept after "not you?", and after another one', async () => {
    const { browser, open } = await invited();
    let page = await open();
    for (let i = 0; i < 2; i += 1) {
      const question = await browser.submit(page, { login: 'ann' });
      expect(question.view.restartUrl).not.toContain(TOKEN);
      page = await browser.open(question.view.restartUrl);
      expect(typeOf(page)).toBe('identification');
      expect(page.view.hidden.rd).toBe('https://wiki.example.com/');
    }
  });

  it('is kept when the user starts again after a rejection', async () => {
    const { engine, browser, open } = await invited();
    const page = await open();
    const [made] = engine.accounts.all.invitations;
    engine.accounts.all.invitations = [];
    const end = await browser.submit(page, { login: 'ann' });
    expect(typeOf(end)).toBe('invitation/unknown');
    if (made !== undefined) engine.accounts.all.invitations.push(made);
    expect(typeOf(await browser.open(end.view.primary.href))).toBe('identification');
  });

  it('is kept when the run has expired', async () => {
    const { engine, browser, open } = await invited();
    const page = await browser.submit(await open(), { login: 'ann' });
    engine.clock.advance(31 * 60_000);
    const fresh = await browser.submit(page, { password: 'right' });
    expect([typeOf(fresh), fresh.view.notice]).toEqual([
      'identification',
      { key: 'flow.notice.restarted' },
    ]);
  });

  it('is kept for scripts that have to start again', async () => {
    const { engine, browser, open } = await invited();
    const page = await browser.submit(await open(), { login: 'ann' });
    engine.clock.advance(31 * 60_000);
    const { plan } = page.view.hidden;
    const gone = await browser.open(`/api/flow/join?plan=${plan}`);
    const again = await browser.open(new URL(gone.view.restart).href);
    expect([gone.status, again.view.stage?.type]).toEqual([410, 'identification']);
  });

  it('is kept when a signed-in user continues as another user', async () => {
    const { browser, open } = await invited();
    await browser.signIn();
    const page = await open();
    expect(page.view.title).toEqual({ key: 'flow.signed-in.title' });
    expect(typeOf(await browser.open(page.view.secondary.href))).toBe('identification');
  });

  it('is kept when the user must sign in first', async () => {
    const stages = [{ type: 'invitation' }, { type: 'message', title: 'T', text: 'x' }];
    const flow = testFlow('join', stages, { requires: 'session', designation: 'configuration' });
    const { browser, open } = await invited(flow);
    const sent = await open();
    const back = (await browser.signIn(sent.location)).location;
    expect(typeOf(await browser.open(back))).toBe('message');
  });

  it('is of no use in another browser', async () => {
    const { engine, browser, open } = await invited();
    const question = await browser.submit(await open(), { login: 'ann' });
    const other = flowBrowser(engine);
    await other.open('/flow/login');
    expect(typeOf(await other.open(question.view.restartUrl))).toBe('invitation/none');
  });

  it('cannot be forged, and its hash is not accepted', async () => {
    const { engine, browser } = await invited();
    await browser.open('/flow/login');
    const name = engine.vault.name('invitation', TOKEN);
    for (const value of [
      name,
      TOKEN,
      '',
      'A'.repeat(600),
      Buffer.from(name).toString('base64url'),
    ]) {
      const seen = await browser.open(`/flow/join?invited=${encodeURIComponent(value)}`);
      expect(typeOf(seen)).toBe('invitation/none');
    }
  });

  it('is not in the URLs of runs without one', async () => {
    const { browser } = await invited();
    const question = await browser.submit(await browser.open('/flow/login'), { login: 'ann' });
    expect(question.view.restartUrl).not.toContain('invited');
  });
});
