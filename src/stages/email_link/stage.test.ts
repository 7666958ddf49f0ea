import { describe, expect, it } from 'vitest';
import { testUser } from '../../../test/support/fakes.ts';
import {
  type Engine,
  flowBrowser,
  flowEngine,
  testFlow,
} from '../../../test/support/flow-fakes.ts';
import { isLinkToken, linkedPlan, linkUrl } from '../../core/flow/link.ts';

const flowWith = (options: object) =>
  testFlow('back', [
    { type: 'identification' },
    { type: 'email_link', ...options },
    { type: 'user_login' },
  ]);

const valuesOf = (engine: Engine) => engine.emails.all.at(-1)?.values ?? {};
const pathOf = (engine: Engine): string => {
  const url = new URL(valuesOf(engine)['link'] ?? '');
  return url.pathname + url.search;
};

const shown = (view: object, login: string) => JSON.stringify(view).replaceAll(login, 'ann');

async function reach(options: object = {}, login = 'ann') {
  const engine = flowEngine({ flows: [flowWith(options)], users: [testUser()] });
  const browser = flowBrowser(engine);
  const page = await browser.submit(await browser.open('/flow/back'), { login });
  return { engine, browser, page };
}

describe('email_link', () => {
  it('emails a link to the portal and a code, and stores neither', async () => {
    const { engine } = await reach();
    const { link = '', code = '' } = valuesOf(engine);
    expect(link).toMatch(/^https:\/\/auth\.example\.com\/flow\/back\?plan=/);
    expect(isLinkToken(new URL(link).searchParams.get('link') ?? '')).toBe(true);
    expect(code).toMatch(/^\d{6}$/);
    expect(valuesOf(engine)['minutes']).toBe('15');
  });

  it('does nothing when the link is opened, and signs in by its button', async () => {
    const { engine, browser } = await reach();
    const page = await browser.open(pathOf(engine));
    expect(page.view.challenge.type).toBe('link');
    expect(await browser.session()).toBeNull();
    await browser.submit(page);
    expect((await browser.session())?.proofs.map((proof) => proof.method)).toEqual(['email_link']);
  });

  it('accepts the code in place of the link', async () => {
    const { engine, browser, page } = await reach();
    await browser.submit(page, { code: valuesOf(engine)['code'] ?? '' });
    expect((await browser.session())?.userId).toBe('fake/ann');
  });

  it('continues elsewhere only if the flow says so', async () => {
    const strict = await reach();
    const stranger = flowBrowser(strict.engine, '203.0.113.9');
    expect((await stranger.open(pathOf(strict.engine))).view.code).toBe('link/other-browser');
    const open = await reach({ other_browser: true });
    const phone = flowBrowser(open.engine, '203.0.113.9');
    await phone.submit(await phone.open(pathOf(open.engine)));
    expect((await phone.session())?.userId).toBe('fake/ann');
    expect(await open.browser.session()).toBeNull();
  });

  it('works once, whichever of the two was used', async () => {
    const { engine, browser, page } = await reach({ other_browser: true });
    const link = pathOf(engine);
    const phone = flowBrowser(engine, '203.0.113.9');
    const button = await phone.open(link);
    await browser.submit(page, { code: valuesOf(engine)['code'] ?? '' });
    await phone.submit(button);
    expect(await phone.session()).toBeNull();
    expect((await phone.open(link)).view.code).toBe('link/gone');
  });

  it('expires, and is worthless after the account is disabled', async () => {
    const late = await reach({ expires: '5m' });
    const button = await late.browser.open(pathOf(late.engine));
    late.engine.clock.advance(5 * 60_000);
    const refused = await late.browser.submit(button);
    expect(refused.view.rejection).toEqual({ key: 'email_link.wrong' });
    expect(await late.browser.session()).toBeNull();
    const closed = await reach();
    const page = await closed.browser.open(pathOf(closed.engine));
    closed.engine.directory.put(testUser({ disabled: true }));
    await closed.browser.submit(page);
    expect(await closed.browser.session()).toBeNull();
  });

  it('shows the same page for an unknown username, and sends nothing', async () => {
    const ann = await reach();
    const unknown = await reach({}, 'nobody');
    expect(shown(unknown.page.view.challenge, 'nobody')).toBe(
      shown(ann.page.view.challenge, 'ann'),
    );
    expect(unknown.engine.emails.all).toEqual([]);
  });

  it('accepts a link that an operator issued', async () => {
    const flow = testFlow('back', [{ type: 'email_link' }, { type: 'user_login' }], {
      requires: 'link',
    });
    const engine = flowEngine({ flows: [flow], users: [testUser()] });
    const token = 'A'.repeat(22);
    const given = { id: 'P'.repeat(22), token, now: engine.clock.now(), lasts: 86_400_000 };
    const about = { login: 'ann', userId: 'fake/ann' };
    await engine.plans.write(linkedPlan(engine.vault, flow, about, given), 0);
    const url = new URL(linkUrl('https://auth.example.com', 'back', given.id, token));
    const browser = flowBrowser(engine);
    await browser.submit(await browser.open(url.pathname + url.search));
    expect((await browser.session())?.userId).toBe('fake/ann');
    expect(engine.emails.all).toEqual([]);
  });
});
