import { describe, expect, it } from 'vitest';
import {
  flowBrowser,
  flowEngine,
  type Seen,
  LOGIN,
  swapFlows,
} from '../../../test/support/flow-fakes.ts';
import { PLAN_LIFETIME } from '../../core/flow/plan.ts';

const WIKI = 'https://wiki.example.com/a?b=%20c&d=1';
const LOGIN_FOR_WIKI = `/flow/login?rd=${encodeURIComponent(WIKI)}`;

const start = async () => {
  const engine = flowEngine();
  const browser = flowBrowser(engine);
  const page = await browser.submit(await browser.open(LOGIN_FOR_WIKI), { login: 'ann' });
  return { engine, browser, page };
};

/** The page to which a restart leads. */
const RESTARTED = {
  status: 303,
  rd: WIKI,
  notice: { key: 'flow.notice.restarted' },
  stage: 'identification',
};

const followed = async (seen: Seen, browser: ReturnType<typeof flowBrowser>) => {
  const rd = new URL(seen.location, 'https://auth.example.com').searchParams.get('rd');
  const { view } = await browser.open(seen.location);
  return { status: seen.status, rd, notice: view.notice, stage: view.challenge.type };
};

describe('tabs, back buttons and impatience', () => {
  it('two tabs are two plans', async () => {
    const engine = flowEngine();
    const browser = flowBrowser(engine);
    const one = await browser.open(LOGIN_FOR_WIKI);
    const two = await browser.open('/flow/login');
    const oneNext = await browser.submit(one, { login: 'ann' });
    const twoNext = await browser.submit(two, { login: 'nix' });
    expect(oneNext.view.challenge.fields[0].value).toBe('ann');
    expect(twoNext.view.challenge.fields[0].value).toBe('nix');
    expect((await browser.submit(oneNext, { password: 'right' })).location).toBe(WIKI);
  });

  it('going back and submitting the old form again shows the plan’s current stage', async () => {
    const browser = flowBrowser(flowEngine());
    const first = await browser.open(LOGIN_FOR_WIKI);
    await browser.submit(first, { login: 'ann' });
    const again = await browser.submit(first, { login: 'bob' });
    expect(again.view.challenge.type).toBe('password');
    expect(again.view.notice).toEqual({ key: 'flow.notice.stale' });
    expect(again.view.restartUrl).toContain('rd=');
    expect((await browser.submit(again, { password: 'right' })).location).toBe(WIKI);
  });

  it('a form submitted twice ends where it ended the first time, signed in once', async () => {
    const engine = flowEngine();
    const browser = flowBrowser(engine);
    const second = await browser.submit(await browser.open(LOGIN_FOR_WIKI), { login: 'ann' });
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => browser.post(second, { password: 'right' })),
    );
    expect(new Set(answers.map((a) => `${a.status} ${a.location}`))).toEqual(
      new Set([`303 ${WIKI}`]),
    );
    expect(await engine.sessions.count()).toBe(1);
    // A browser may drop the first reply. Whichever it keeps, it is signed in.
    const kept = answers.map((a) => a.cookies.filter((line) => !line.includes('ended')).join());
    expect(new Set(kept)).toHaveProperty('size', 1);
    expect(await browser.session()).not.toBeNull();
  });

  it('the ticket is sent again for half a minute and to this browser alone', async () => {
    const engine = flowEngine();
    const browser = flowBrowser(engine);
    const second = await browser.submit(await browser.open(LOGIN_FOR_WIKI), { login: 'ann' });
    await browser.post(second, { password: 'right' });
    const thief = flowBrowser(engine);
    await thief.open('/flow/login');
    expect((await thief.post(second, { password: 'right' })).cookies).toEqual([]);
    engine.clock.advance(30_001);
    const late = await browser.post(second, { password: 'right' });
    expect([late.location, late.cookies.filter((line) => !line.includes('ended'))]).toEqual([
      WIKI,
      [],
    ]);
  });

  it('opening a finished plan leads to its destination', async () => {
    const browser = flowBrowser(flowEngine());
    const second = await browser.submit(await browser.open(LOGIN_FOR_WIKI), { login: 'ann' });
    await browser.submit(second, { password: 'right' });
    const seen = await browser.open(`/flow/login?plan=${second.view.hidden.plan}`);
    expect([seen.status, seen.location]).toEqual([303, WIKI]);
  });

  it('a seed submitted again after its plan ended starts nothing', async () => {
    const engine = flowEngine();
    const browser = flowBrowser(engine);
    const first = await browser.open(LOGIN_FOR_WIKI);
    await browser.submit(await browser.submit(first, { login: 'ann' }), { password: 'right' });
    expect((await browser.post(first, { login: 'ann' })).location).toBe(WIKI);
    expect(await engine.sessions.count()).toBe(1);
  });
});

describe('forms that are no longer valid restart with an explanation and keep the destination', () => {
  it('when the plan has expired', async () => {
    const { engine, browser, page } = await start();
    engine.clock.advance(PLAN_LIFETIME);
    expect(await followed(await browser.post(page, { password: 'right' }), browser)).toEqual(
      RESTARTED,
    );
  });

  it('when the store has forgotten the plan', async () => {
    const { engine, browser, page } = await start();
    engine.plans.all.clear();
    expect(await followed(await browser.post(page, { password: 'right' }), browser)).toEqual(
      RESTARTED,
    );
    expect(
      await followed(
        await browser.open(
          `/flow/login?plan=${page.view.hidden.plan}&rd=${encodeURIComponent(WIKI)}`,
        ),
        browser,
      ),
    ).toEqual(RESTARTED);
  });

  it('when the flow file has changed', async () => {
    const { engine, browser, page } = await start();
    swapFlows(engine, [{ ...LOGIN, digest: 'other' }]);
    expect(await followed(await browser.post(page, { password: 'right' }), browser)).toEqual(
      RESTARTED,
    );
    expect(await browser.session()).toBeNull();
  });

  it('when the token is of another revision, plan or browser', async () => {
    const { browser, page } = await start();
    const other = await browser.open(LOGIN_FOR_WIKI);
    const forged = {
      ...page,
      view: { ...page.view, hidden: { ...page.view.hidden, csrf: other.view.hidden.csrf } },
    };
    expect(await followed(await browser.post(forged, { password: 'right' }), browser)).toEqual(
      RESTARTED,
    );
  });

  it('when the browser’s cookie is missing, doubled or damaged', async () => {
    for (const change of ['gone', 'doubled', 'damaged']) {
      const { browser, page } = await start();
      const name = '__Host-doorward-browser';
      const value = browser.jar.get(name) ?? '';
      browser.jar.delete(name);
      if (change === 'doubled') browser.jar.set(name, `${value}; ${name}=${value}`);
      if (change === 'damaged') browser.jar.set(name, `${value}"`);
      expect(await followed(await browser.post(page, { password: 'right' }), browser)).toEqual(
        RESTARTED,
      );
    }
  });

  it('when the plan is another user’s', async () => {
    const { engine, page } = await start();
    const other = flowBrowser(engine);
    await other.open('/flow/login');
    const url = `/flow/login?plan=${page.view.hidden.plan}`;
    const looked = await other.open(url);
    expect(looked.location).toBe('/flow/login?notice=restarted');
    const posted = await other.post(page, { password: 'right' });
    expect(posted.status).toBe(303);
    expect(await other.session()).toBeNull();
    expect(engine.plans.all.get(page.view.hidden.plan)?.state).toBe('running');
  });
});
