import { describe, expect, it } from 'vitest';
import {
  type Engine,
  flowBrowser,
  flowEngine,
  LOGIN,
  LOGOUT,
  testFlow,
} from '../../../test/support/flow-fakes.ts';
import { type RouteWords, testBinding, testSnapshot } from '../../../test/support/snapshot.ts';
import type { Denied, Flow } from '../../core/flow/flow.ts';
import { flowTexts } from './texts.ts';

const WIKI = 'https://wiki.example.com/a?b=%20c&d=1';
const FOR_WIKI = `rd=${encodeURIComponent(WIKI)}`;
const SORRY = { en: 'Not today <b>', de: 'Heute nicht' };
const no = { match: 'all' as const, bindings: [testBinding(false)] };
const message = [{ type: 'message', title: 'T', text: 'x' }];

const denied = (action: Denied['action'], text: Denied['text'] = null): Denied => ({
  action,
  text,
});

/** A flow that admits no visitor. */
function shut(how: Denied, changes: Partial<Flow> = {}): Flow {
  return testFlow('terms', message, {
    policies: no,
    denied: how,
    designation: 'authorization',
    ...changes,
  });
}
/** A flow for visitors who are not signed in. */
const guests = (how: Denied): Flow =>
  testFlow('join', message, { requires: 'anonymous', denied: how, designation: 'enrollment' });

function engineWith(flows: readonly Flow[], routes?: readonly RouteWords[]): Engine {
  const engine = flowEngine({ flows });
  const { flows: all } = engine.live.current;
  if (routes !== undefined) engine.live.current = { ...testSnapshot({ routes }), flows: all };
  return engine;
}

async function signedIn(flows: readonly Flow[]) {
  const browser = flowBrowser(engineWith(flows));
  await browser.signIn();
  return browser;
}

describe('a visitor whom a flow’s policies deny', () => {
  it('sees the reason, unless the flow says otherwise', async () => {
    const browser = await signedIn([LOGIN, shut(denied('message'))]);
    const seen = await browser.open(`/flow/terms?${FOR_WIKI}`);
    expect([seen.status, seen.view.code, seen.view.tone]).toEqual([403, 'dummy/fail', 'refused']);
    expect(seen.view.text).toEqual({ key: 'flow.refused.policy' });
    expect(seen.view.primary.href).toBe(`/flow/terms?${FOR_WIKI.replaceAll('%20c', '%2520c')}`);
  });

  it('sees the flow’s own text and link, if it has them', async () => {
    const browser = await signedIn([LOGIN, shut(denied('message_continue', SORRY))]);
    const seen = await browser.open(`/flow/terms?${FOR_WIKI}`);
    expect([seen.status, seen.view.code]).toEqual([403, 'dummy/fail']);
    expect(seen.view.text).toEqual({ literal: SORRY });
    expect(seen.view.primary).toEqual({ href: WIKI, label: { key: 'flow.signed-in.continue' } });
    const elsewhere = await browser.open('/flow/terms?rd=https%3A%2F%2Fevil.example%2F');
    expect(elsewhere.view.primary.href).toBe('https://auth.example.com/');
  });

  it('is redirected at once if the flow says so, without anything stored or started', async () => {
    const browser = await signedIn([LOGIN, shut(denied('continue', SORRY))]);
    const engineBefore = await browser.session();
    const seen = await browser.open(`/flow/terms?${FOR_WIKI}`);
    expect([seen.status, seen.location]).toEqual([303, WIKI]);
    expect(await browser.session()).toEqual(engineBefore);
    const evil = await browser.open('/flow/terms?rd=https%3A%2F%2Fevil.example%2F');
    expect(evil.location).toBe('https://auth.example.com/');
  });

  it('is redirected once: an app that redirects them back gets them a page', async () => {
    const browser = await signedIn([LOGIN, shut(denied('continue', SORRY))]);
    await browser.open(`/flow/terms?${FOR_WIKI}`);
    const again = await browser.open(`/flow/terms?${FOR_WIKI}`);
    expect([again.status, again.view.text]).toEqual([403, { literal: SORRY }]);
    // The link leads back to this flow.
    expect(again.view.primary.href).not.toBe(WIKI);
  });

  it('is redirected from a form, too, once, if the denial comes halfway', async () => {
    const flow = shut(denied('continue'), { policies: { match: 'all', bindings: [] } });
    const engine = engineWith([LOGIN, flow]);
    const browser = flowBrowser(engine);
    await browser.signIn();
    const page = await browser.open(`/flow/terms?${FOR_WIKI}`);
    const flows = new Map(engine.live.current.flows).set('terms', { ...flow, policies: no });
    engine.live.current = { ...engine.live.current, flows };
    expect((await browser.post(page)).location).toBe(WIKI);
    expect((await browser.open(`/flow/terms?${FOR_WIKI}`)).status).toBe(403);
  });

  it('and has no session is not redirected to where they would be sent back from, with or without cookies', async () => {
    const login = { ...LOGIN, policies: no, denied: denied('continue', SORRY) };
    const routes: RouteWords[] = [
      { id: 'wiki', paths: { '/open/**': 'public' } },
      { id: 'docs', paths: { '/**': 'public' } },
    ];
    const browser = flowBrowser(engineWith([login, LOGOUT], routes));
    const to = (url: string) => {
      browser.jar.clear();
      return browser.open(`/flow/login?rd=${encodeURIComponent(url)}`);
    };
    for (const url of [WIKI, 'https://auth.example.com/', 'nowhere']) {
      const seen = await to(url);
      expect([url, seen.status, seen.view?.text]).toEqual([url, 403, { literal: SORRY }]);
    }
    for (const url of ['https://wiki.example.com/open/x', 'https://docs.example.com/']) {
      expect((await to(url)).location).toBe(url);
    }
  });

  it('sees the page if the destination signs in by another flow, after it redirected them back', async () => {
    const other = { ...shut(denied('continue')), requires: 'anyone' as const };
    const browser = flowBrowser(engineWith([LOGIN, other]));
    expect((await browser.open(`/flow/terms?${FOR_WIKI}`)).location).toBe(WIKI);
    expect((await browser.open(`/flow/terms?${FOR_WIKI}`)).status).toBe(403);
  });

  it.each([
    ['message', undefined],
    ['message_continue', WIKI],
    ['continue', WIKI],
  ] as const)('as a script is never redirected: %s', async (action, way) => {
    const engine = engineWith([LOGIN, shut(denied(action, SORRY))]);
    const script = flowBrowser(engine);
    await script.signIn();
    for (let i = 0; i < 3; i += 1) {
      const seen = await script.open(`/api/flow/terms?${FOR_WIKI}`);
      expect(seen.status).toBe(403);
      expect(seen.view).toEqual({
        error: 'flow/denied',
        message: SORRY.en,
        reason: 'dummy/fail',
        request_id: 'r1',
        ...(way === undefined ? {} : { continue: way }),
      });
    }
  });

  it('because of a policy error is not admitted either', async () => {
    const throws = testBinding(true, {
      evaluate: () => {
        throw new Error('broken');
      },
    });
    const gate = { match: 'all' as const, bindings: [throws] };
    const browser = await signedIn([LOGIN, shut(denied('continue'), { policies: gate })]);
    expect((await browser.open(`/flow/terms?${FOR_WIKI}`)).location).toBe(WIKI);
    const script = await browser.open(`/api/flow/terms?${FOR_WIKI}`);
    expect(script.view).toMatchObject({ error: 'flow/denied', reason: 'policy/error' });
  });
});

describe('a signed-in user in a flow for anonymous visitors', () => {
  it.each(['message', 'message_continue'] as const)(
    'sees their username, and can continue: %s',
    async (action) => {
      const browser = await signedIn([LOGIN, guests(denied(action))]);
      const seen = await browser.open(`/flow/join?${FOR_WIKI}`);
      expect([seen.status, seen.view.tone, seen.view.code]).toEqual([200, 'info', null]);
      expect(seen.view.text).toEqual({
        key: 'flow.signed-in.only',
        values: { name: 'Ann Example' },
      });
      expect([seen.view.primary.href, seen.view.secondary]).toEqual([WIKI, null]);
    },
  );

  it('sees the flow’s own text', async () => {
    const browser = await signedIn([LOGIN, guests(denied('message', SORRY))]);
    expect((await browser.open('/flow/join')).view.text).toEqual({ literal: SORRY });
  });

  it('is redirected at once if the flow says so, without a loop', async () => {
    const browser = await signedIn([LOGIN, guests(denied('continue'))]);
    expect((await browser.open(`/flow/join?${FOR_WIKI}`)).location).toBe(WIKI);
    const again = await browser.open(`/flow/join?${FOR_WIKI}`);
    expect([again.status, again.view.primary.href]).toEqual([200, WIKI]);
  });

  it('as a script is informed of it, and how to continue', async () => {
    const browser = await signedIn([LOGIN, guests(denied('message'))]);
    const seen = await browser.open(`/api/flow/join?${FOR_WIKI}`);
    expect(seen.status).toBe(403);
    expect(seen.view).toMatchObject({
      error: 'flow/denied',
      reason: 'session/live',
      continue: WIKI,
    });
  });
});

describe('the texts of a flow', () => {
  const texts = new Map([['flow.refused.policy', 'Members only']]);

  it('appear on every page of it, and of no other flow', async () => {
    const own = { ...LOGIN, texts };
    const engine = engineWith([own, LOGOUT]);
    const browser = flowBrowser(engine);
    const received: unknown[] = [];
    const pages = { ...engine.deps.pages };
    const listening: Partial<Engine['deps']['pages']> = {
      flowPage: (view) => (received.push(view.texts), pages.flowPage(view)),
      noticePage: (view) => (received.push(view.texts), pages.noticePage(view)),
    };
    Object.assign(engine.deps.pages, listening);
    await browser.open('/flow/login');
    await browser.send('/flow/login', { method: 'PUT' });
    await browser.open('/flow/nowhere');
    await browser.signIn('/flow/login');
    await browser.open('/flow/login');
    await browser.open('/flow/logout');
    expect(received).toEqual([texts, texts, undefined, texts, texts, texts, new Map()]);
  });

  it('are returned to scripts', async () => {
    const engine = engineWith([LOGIN, shut(denied('message'), { texts })]);
    Object.assign(engine.deps.pages, {
      say: (m: { key: string }, _: unknown, own?: Map<string, string>) =>
        own?.get(m.key) ?? flowTexts.en[m.key] ?? m.key,
    });
    const script = flowBrowser(engine);
    expect((await script.open('/api/flow/terms')).view.message).toBe('Members only');
    expect((await script.open('/api/flow/nowhere')).view.message).toBe(
      flowTexts.en['flow.refused.unknown'],
    );
  });
});
