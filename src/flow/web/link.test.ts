import { describe, expect, it } from 'vitest';
import { testUser } from '../../../test/support/fakes.ts';
import {
  type Engine,
  flowBrowser,
  flowEngine,
  type Seen,
  swapFlows,
  testFlow,
} from '../../../test/support/flow-fakes.ts';
import { mailedLink } from '../../../test/support/scripted-stage.ts';
import { linkedPlan, linkUrl } from '../../core/flow/link.ts';
import { PLAN_LIFETIME } from '../../core/flow/plan.ts';
import { stages as real } from '../../stages/index.ts';

const ANN = testUser();
const WIKI = 'https://wiki.example.com/a';
const START = `/flow/back?rd=${encodeURIComponent(WIKI)}`;
const stages = [...real, mailedLink];

const backFlow = (otherBrowser: boolean) =>
  testFlow(
    'back',
    [
      { type: 'identification' },
      { type: 'mailed_link', other_browser: otherBrowser },
      { type: 'user_login' },
    ],
    { title: 'Back in', designation: 'recovery' },
    stages,
  );

const linkIn = (engine: Engine): string => {
  const url = new URL(engine.emails.all.at(-1)?.values['url'] ?? '');
  return url.pathname + url.search;
};

/** Requests a link and returns it from the email. */
async function requestLink(otherBrowser = false) {
  const engine = flowEngine({ flows: [backFlow(otherBrowser)], stages });
  const browser = flowBrowser(engine);
  const waiting = await browser.submit(await browser.open(START), { login: 'ann' });
  expect(waiting.view.challenge.type).toBe('mailed_link');
  return { engine, browser, waiting, link: linkIn(engine) };
}

const state = (engine: Engine): string =>
  JSON.stringify([...engine.plans.all, engine.plans.writes, [...engine.marks.taken]]);

const gone = (seen: Seen): unknown => [seen.status, seen.view.code];
const shape = (seen: Seen) => [seen.status, seen.view.challenge, seen.view.step];
const GONE = [410, 'link/gone'];

describe('a mailed link', () => {
  it('contains the portal’s own address, and its token is stored nowhere', async () => {
    const { engine, link } = await requestLink();
    const token = new URLSearchParams(link.split('?')[1]).get('link') ?? '';
    expect(engine.emails.all[0]?.values['url']).toBe(`https://auth.example.com${link}`);
    expect(token).toMatch(/^[A-Za-z0-9_-]{22}$/);
    // The fake vault names by joining. Without that one name, nothing of the token is left.
    const kept = JSON.stringify([...engine.plans.all]).replaceAll(/link:[^"]*\|[^"]*/g, '');
    expect(kept).not.toContain(token);
  });

  it('does nothing when it is opened, by its owner or by a mail scanner, however often', async () => {
    const { engine, browser, link } = await requestLink(true);
    const before = state(engine);
    const scanner = flowBrowser(engine, '203.0.113.99');
    for (const visitor of [scanner, browser, scanner, browser]) {
      const page = await visitor.open(link);
      expect(page.view.challenge.type).toBe('link');
      expect(page.text).not.toContain('"ann');
    }
    expect(state(engine)).toBe(before);
    expect(await engine.sessions.count()).toBe(0);
  });

  it('signs in with one click in the browser that requested it, and leads to the destination', async () => {
    const { browser, link } = await requestLink();
    const end = await browser.submit(await browser.open(link));
    expect([end.status, end.location]).toEqual([303, WIKI]);
    expect(await browser.session()).toMatchObject({
      userId: ANN.id,
      proofs: [{ method: 'email_link' }],
    });
  });

  it('is used once: fifty clicks give one session, and later ones are rejected', async () => {
    const { engine, link } = await requestLink(true);
    const visitors = await Promise.all(
      Array.from({ length: 50 }, async (_, i) => {
        const visitor = flowBrowser(engine, `203.0.113.${i}`);
        return [visitor, await visitor.open(link)] as const;
      }),
    );
    const ends = await Promise.all(visitors.map(([visitor, page]) => visitor.post(page)));
    expect(ends.filter((end) => end.location === WIKI)).toHaveLength(1);
    expect(await engine.sessions.count()).toBe(1);
    expect(ends.flatMap((end) => end.cookies.filter((c) => c.includes('Secure-')))).toHaveLength(1);
    expect(gone(await flowBrowser(engine).open(link))).toEqual(GONE);
  });

  it('shows its own browser the state of the run after it has been used', async () => {
    const { browser, link } = await requestLink();
    const page = await browser.open(link);
    await browser.submit(page);
    expect((await browser.open(link)).location).toBe(WIKI);
    expect((await browser.post(page)).location).toBe(WIKI);
  });

  it('works in no other browser unless the stage says so, not even by the run’s id', async () => {
    const { engine, browser, link } = await requestLink(false);
    const other = flowBrowser(engine, '203.0.113.5');
    expect(gone(await other.open(link))).toEqual([403, 'link/other-browser']);
    // A form of this browser with the link inserted.
    const own = await browser.open(link);
    const forged = await other.open('/flow/back');
    const fields = { ...forged.view.hidden, ...own.view.hidden, csrf: forged.view.hidden.csrf };
    const posted = await other.post({ ...forged, view: { ...forged.view, hidden: fields } });
    expect(posted.location).toContain('notice=restarted');
    expect(await other.session()).toBeNull();
    expect(await engine.sessions.count()).toBe(0);
  });

  it('continues in another browser if the stage says so, and the first one loses the run', async () => {
    const { engine, browser, waiting, link } = await requestLink(true);
    const phone = flowBrowser(engine, '203.0.113.5');
    const page = await phone.open(link);
    expect(page.view.app).toEqual({ title: 'wiki', host: 'wiki.example.com' });
    const end = await phone.submit(page);
    expect(end.location).toBe(WIKI);
    expect((await phone.session())?.userId).toBe(ANN.id);
    expect((await browser.post(waiting)).location).toContain('notice=restarted');
    expect(await browser.session()).toBeNull();
    expect(await engine.sessions.count()).toBe(1);
  });

  it('needs its token: the plan’s id alone, or a wrong, a longer or another plan’s token, has no effect', async () => {
    const { engine, browser, link } = await requestLink(true);
    const other = flowBrowser(engine, '203.0.113.5');
    const [path = '', query = ''] = link.split('?');
    const params = new URLSearchParams(query);
    const id = params.get('plan') ?? '';
    const page = await other.open(link);
    await browser.submit(await browser.open(START), { login: 'ann' });
    const foreign = new URLSearchParams(linkIn(engine).split('?')[1]).get('link') ?? '';
    for (const token of ['A'.repeat(22), `${params.get('link')}A`, '', 'x|y', foreign]) {
      const bad = new URLSearchParams({ plan: id, link: token });
      expect(gone(await other.open(`${path}?${bad.toString()}`))).toEqual(GONE);
      const posted = await other.post(page, { link: token });
      expect(posted.status === 410 || posted.location.includes('restarted')).toBe(true);
    }
    const later = new URLSearchParams({ plan: 'AAAA', link: params.get('link') ?? '' });
    expect(gone(await other.open(`${path}?${later.toString()}`))).toEqual(GONE);
    expect(await engine.sessions.count()).toBe(0);
    // It is still valid for its owner.
    await other.submit(await other.open(link));
    expect(await engine.sessions.count()).toBe(1);
  });

  it('of a user who was disabled, deleted or locked meanwhile gives no access', async () => {
    for (const what of ['disabled', 'deleted', 'locked']) {
      const { engine, browser, link } = await requestLink();
      const page = await browser.open(link);
      if (what === 'disabled') engine.directory.put({ ...ANN, disabled: true });
      if (what === 'deleted') engine.directory.remove(ANN.id);
      if (what === 'locked') {
        const rule = { free: 1, wait: 60_000, longest: 60_000, window: 60_000 };
        await engine.throttle.take(
          `typed:email_link:${engine.vault.name('login', 'ann')}`,
          rule,
          engine.clock.now(),
        );
      }
      const end = await browser.submit(page);
      expect(end.view.challenge.type).toBe('mailed_link');
      expect(await engine.sessions.count()).toBe(0);
    }
  });

  it('that was refused because of a lock works after the lock, in the other browser too', async () => {
    const { engine, link } = await requestLink(true);
    const rule = { free: 1, wait: 60_000, longest: 60_000, window: 60_000 };
    await engine.throttle.take(
      `typed:email_link:${engine.vault.name('login', 'ann')}`,
      rule,
      engine.clock.now(),
    );
    const phone = flowBrowser(engine, '203.0.113.5');
    expect((await phone.submit(await phone.open(link))).status).toBe(429);
    engine.clock.advance(60_001);
    await phone.submit(await phone.open(link));
    expect(await phone.session()).not.toBeNull();
  });

  it('ends with its run, with a change of its flow, and with its stage', async () => {
    for (const what of ['expiry', 'change']) {
      const { engine, link } = await requestLink(true);
      const phone = flowBrowser(engine, '203.0.113.5');
      const page = await phone.open(link);
      if (what === 'expiry') engine.clock.advance(PLAN_LIFETIME);
      else swapFlows(engine, [{ ...backFlow(true), digest: 'other' }]);
      expect(gone(await phone.open(link))).toEqual(GONE);
      expect(gone(await phone.post(page))).toEqual(GONE);
      expect(await engine.sessions.count()).toBe(0);
    }
  });

  it('opens no other flow, and no stage that accepts no links', async () => {
    const { engine, link } = await requestLink(true);
    const login = testFlow('login', [{ type: 'identification' }]);
    swapFlows(engine, [backFlow(true), login]);
    const phone = flowBrowser(engine, '203.0.113.5');
    expect(gone(await phone.open(link.replace('/flow/back', '/flow/login')))).toEqual(GONE);
    const sly = { ...mailedLink, redeemsLinks: false };
    const blind = testFlow(
      'back',
      [
        { type: 'identification' },
        { type: 'mailed_link', other_browser: true },
        { type: 'user_login' },
      ],
      { title: 'Back in', designation: 'recovery' },
      [...real, sly],
    );
    swapFlows(engine, [{ ...blind, digest: backFlow(true).digest }]);
    expect(gone(await phone.open(link))).toEqual(GONE);
  });

  it('is not sent for an unknown name, and the page looks the same', async () => {
    const known = await requestLink();
    const engine = flowEngine({ flows: [backFlow(false)], stages });
    const browser = flowBrowser(engine);
    const waiting = await browser.submit(await browser.open(START), { login: 'nix' });
    expect(engine.emails.all).toEqual([]);
    expect(shape(waiting)).toEqual(shape(known.waiting));
    expect(engine.plans.writes).toBe(known.engine.plans.writes);
  });

  it('works over JSON as well', async () => {
    const { engine, link } = await requestLink(true);
    const script = flowBrowser(engine, '203.0.113.5');
    const page = await script.open(`/api${link}`);
    expect(page.view).toMatchObject({ done: false, challenge: { title: 'flow.link.title' } });
    const { plan, csrf, link: token } = page.view;
    const end = await script.send('/api/flow/back', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ plan, csrf, link: token }),
    });
    expect(end.view).toEqual({ done: true, location: WIKI });
    expect(
      gone({
        ...(await script.open('/api/flow/back?plan=AAAA&link=BBBB')),
        view: { code: 'link/gone' },
      }),
    ).toEqual(GONE);
  });
});

describe('a flow that requires a link', () => {
  const flow = testFlow(
    'reset',
    [{ type: 'mailed_link' }, { type: 'user_login' }],
    { title: 'Reset', designation: 'recovery', requires: 'link' },
    stages,
  );

  it('begins only with a link that an operator issued, once', async () => {
    const engine = flowEngine({ flows: [flow], stages });
    const browser = flowBrowser(engine);
    expect(gone(await browser.open('/flow/reset'))).toEqual([403, 'flow/link']);
    const given = {
      id: 'plan-of-ann',
      token: 'T'.repeat(22),
      now: engine.clock.now(),
      lasts: 1000,
    };
    const plan = linkedPlan(engine.vault, flow, { login: 'ann', userId: ANN.id }, given);
    expect(await engine.plans.write(plan, 0)).toBe(true);
    expect((await browser.open('/flow/reset?plan=plan-of-ann')).location).toContain('restarted');
    const url = linkUrl('https://auth.example.com', 'reset', given.id, given.token);
    const end = await browser.submit(await browser.open(url));
    expect(end.status).toBe(303);
    expect((await browser.session())?.userId).toBe(ANN.id);
    expect(gone(await flowBrowser(engine).open(url))).toEqual(GONE);
  });
});
