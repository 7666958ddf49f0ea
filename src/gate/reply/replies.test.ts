import { describe, expect, it } from 'vitest';
import { testSession, testUser } from '../../../test/support/fakes.ts';
import { anInput } from '../../../test/support/policy-input.ts';
import {
  fakePages,
  testBinding,
  testFacts,
  testIdentity,
  testSnapshot,
} from '../../../test/support/snapshot.ts';
import type { Decision } from '../../core/access/decision.ts';
import { evaluateSet } from '../../core/policy/policy.ts';
import { checkReturnTo, MAX_RETURN_TO } from '../../core/access/return-to.ts';
import type { Rule } from '../../core/routes/route.ts';
import type { DisclosureRule } from '../../core/access/disclosure.ts';
import { refuse } from '../../core/request/refusal.ts';
import type { ErrorPageView } from '../../core/setup/views.ts';
import { Problem } from '../../core/values/problem.ts';
import { httpReply } from '../../core/request/reply.ts';
import { flowUrl } from './flow-url.ts';
import type { Audience } from './identity-headers.ts';
import { createReplies, type ReplyContext } from './replies.ts';

const snapshot = testSnapshot();
const replies = createReplies({ pages: fakePages, assertion: null });
const [route] = snapshot.table.routes;
if (route === undefined) throw new Error('no route');
const rule = route.rules[0] as Rule;
const visitor = { session: testSession(), user: testUser() };
const shared = {
  route,
  rule,
  rules: [rule],
  readings: [],
  evaluated: [],
  conditions: [],
  visitor: null,
  dryRun: [],
};
const AUTHENTICATE: Decision = {
  ...shared,
  kind: 'authenticate',
  flow: 'login',
  returnTo: 'https://wiki.example.com/a?x=1&y=2',
  reasons: [{ code: 'session/none' }],
};
const DENY: Decision = {
  ...shared,
  kind: 'deny',
  status: 403,
  visitor,
  reasons: [{ code: 'group/not-member', detail: 'needs any of staff' }, { code: 'time/closed' }],
};
const ALLOW: Decision = { ...shared, kind: 'allow', visitor, reasons: [{ code: 'session/live' }] };

function contextOf(headers: Readonly<Record<string, string>> = {}, seesPages = true): ReplyContext {
  return { snapshot, requestId: 'r1', header: (name) => headers[name] ?? null, seesPages };
}

describe('a visitor who must sign in', () => {
  it.each([
    ['GET', 302, ''],
    ['HEAD', 302, ''],
    ['POST', 303, '&notice=unsent'],
    ['PUT', 303, '&notice=unsent'],
  ])('gets %i for a %s navigation, with the return URL', (method, status, notice) => {
    expect(replies.decision(contextOf(), testFacts({ method }), AUTHENTICATE, 0)).toEqual({
      kind: 'redirect',
      status,
      to: `https://auth.example.com/flow/login?rd=https%3A%2F%2Fwiki.example.com%2Fa%3Fx%3D1%26y%3D2${notice}`,
    });
  });

  it('gets JSON without a navigation', () => {
    const facts = testFacts({}, { 'sec-fetch-mode': 'cors', accept: 'text/html' });
    const answer = replies.decision(contextOf(), facts, AUTHENTICATE, 0);
    if (answer.kind !== 'unauthorized') throw new Error(answer.kind);
    expect(JSON.parse(answer.body.text)).toEqual({
      reason: 'session/none',
      login_url: answer.loginUrl,
      request_id: 'r1',
    });
  });
});

const inFrame = (site: string, dest = 'iframe') =>
  testFacts(
    { target: '/a?b' },
    { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': dest, 'sec-fetch-site': site },
  );
const reply = (facts: ReturnType<typeof testFacts>, seesPages = true) =>
  replies.decision(contextOf({}, seesPages), facts, AUTHENTICATE, 0);

describe('a visitor who must sign in inside a frame', () => {
  it.each(['iframe', 'frame', 'fencedframe', 'embed', 'object'])(
    'gets a page that opens the app itself, and no redirect: %s',
    (dest) => {
      const answer = reply(inFrame('same-site', dest));
      expect(httpReply(answer)).toMatchObject({
        status: 401,
        headers: ['Content-Security-Policy', 'frame-ancestors *'],
        body: { text: '<h1>same-site https://wiki.example.com/a?x=1&y=2</h1>' },
      });
    },
  );

  it.each([
    ['same-origin', 'same-site'],
    ['cross-site', 'third-party'],
    ['none', 'same-site'],
    ['invented', 'same-site'],
  ])('learns whether another website embeds it: %s', (site, context) => {
    const answer = reply(inFrame(site));
    if (answer.kind !== 'unauthorized') throw new Error(answer.kind);
    expect(answer.body.text).toContain(`<h1>${context} `);
  });

  it('removes two cookies as any other reply does', () => {
    const two = { ...AUTHENTICATE, reasons: [{ code: 'session/two-cookies' }] };
    const answer = replies.decision(contextOf(), inFrame('same-site'), two, 0);
    expect(httpReply(answer).headers.filter((name) => name === 'Set-Cookie')).not.toEqual([]);
  });

  it.each([
    ['a page of its own', inFrame('cross-site', 'document'), true],
    ['no destination', testFacts(), true],
    ['a proxy that drops pages', inFrame('same-site'), false],
  ])('is redirected with %s', (_, facts, seesPages) => {
    expect(reply(facts, seesPages).kind).toBe('redirect');
  });

  it.each([
    ['cross-site', { third_party: true }],
    ['same-site', {}],
  ])('as a script learns from JSON that it is %s', (site, more) => {
    const facts = testFacts({}, { 'sec-fetch-mode': 'cors', 'sec-fetch-site': site });
    const answer = reply(facts);
    if (answer.kind !== 'unauthorized') throw new Error(answer.kind);
    expect(JSON.parse(answer.body.text)).toEqual({
      reason: 'session/none',
      login_url: answer.loginUrl,
      request_id: 'r1',
      ...more,
    });
  });
});

describe('the URL of a flow', () => {
  it.each([
    ['https://wiki.example.com/a?q="x"&r=%20', 'https://wiki.example.com/a?q=%22x%22&r=%20'],
    ['https://wiki.example.com/', 'https://wiki.example.com/'],
    [`https://wiki.example.com/a?${'x'.repeat(MAX_RETURN_TO)}`, 'https://wiki.example.com/'],
  ])('contains a return URL that the portal accepts', (returnTo, back) => {
    const rd = new URL(flowUrl(snapshot.site, { flow: 'login', returnTo })).searchParams.get('rd');
    expect(rd).toBe(back);
    expect(checkReturnTo(rd, snapshot.site, snapshot.table)).toBe(back);
  });
});

describe('a denied visitor', () => {
  it('sees a page when a page was requested', () => {
    const answer = replies.decision(contextOf({ accept: 'text/html' }), testFacts(), DENY, 0);
    expect(answer).toMatchObject({
      kind: 'refuse',
      status: 403,
      headers: ['Content-Security-Policy', "default-src 'none'"],
      body: { text: '<h1>403 group/not-member</h1>' },
    });
  });

  it.each<[string, ReplyContext, ReturnType<typeof testFacts>]>([
    ['a fetch', contextOf({ accept: 'text/html' }), testFacts({}, { 'sec-fetch-mode': 'cors' })],
    ['JSON', contextOf({ accept: 'application/json' }), testFacts()],
    ['a client that shows no page', contextOf({ accept: 'text/html' }, false), testFacts()],
  ])('gets every reason as JSON for %s, without the rule\u2019s operands', (_, question, facts) => {
    const answer = replies.decision(question, facts, DENY, 0);
    if (answer.kind !== 'refuse') throw new Error(answer.kind);
    expect(JSON.parse(answer.body.text)).toEqual({
      reason: 'group/not-member',
      reasons: ['group/not-member', 'time/closed'],
      request_id: 'r1',
    });
  });

  it('may sign in as another user and come back', () => {
    let url: string | null = null;
    const pages = {
      ...fakePages,
      errorPage: (view: Parameters<typeof fakePages.errorPage>[0]) => {
        url = view.signInUrl;
        return fakePages.errorPage(view);
      },
    };
    const facts = testFacts({ target: '/a?b' });
    const own = createReplies({ pages, assertion: null });
    own.decision(contextOf({ accept: 'text/html' }), facts, DENY, 0);
    expect(url).toBe(
      'https://auth.example.com/flow/login?as=other&rd=https%3A%2F%2Fwiki.example.com%2Fa%3Fb',
    );
  });
});

describe('the reasons of a denial', () => {
  const no = testBinding(false, { name: 'office', line: 'doorward.yaml:9:7' });
  const guarded: Rule = { ...rule, policies: { match: 'all', bindings: [no] } };
  const denied: Decision = {
    ...DENY,
    rules: [guarded],
    evaluated: [{ rule: guarded, outcome: evaluateSet(guarded.policies, anInput()), stale: null }],
  };
  const told = (disclosure: DisclosureRule, header = 'application/json') => {
    const question = { ...contextOf({ accept: header }), snapshot: { ...snapshot, disclosure } };
    const answer = replies.decision(question, testFacts(), denied, 0);
    if (answer.kind !== 'refuse') throw new Error(answer.kind);
    return answer.body;
  };
  const groups = new Map([['staff', 'trace' as const]]);

  it.each<[string, DisclosureRule, readonly string[]]>([
    ['the code', { everybody: 'code', groups: new Map() }, ['reason', 'request_id']],
    [
      'every reason',
      { everybody: 'reasons', groups: new Map() },
      ['reason', 'reasons', 'request_id'],
    ],
    [
      'the rules',
      { everybody: 'trace', groups: new Map() },
      ['reason', 'reasons', 'trace', 'request_id'],
    ],
    [
      'more for a group',
      { everybody: 'code', groups },
      ['reason', 'reasons', 'trace', 'request_id'],
    ],
    [
      'no less for a group',
      { everybody: 'reasons', groups: new Map([['staff', 'code' as const]]) },
      ['reason', 'reasons', 'request_id'],
    ],
    [
      'nothing of others’ groups',
      { everybody: 'code', groups: new Map([['admins', 'trace' as const]]) },
      ['reason', 'request_id'],
    ],
  ])('are shown as far as the operator allows: %s', (_, allowed, keys) => {
    expect(Object.keys(JSON.parse(told(allowed).text) as object)).toEqual(keys);
  });

  it('are given with lines, operands and verdicts in the trace, and to a page as well', () => {
    const body = JSON.parse(told({ everybody: 'trace', groups: new Map() }).text) as object;
    expect(body).toMatchObject({
      trace: [
        {
          name: 'wiki',
          pass: false,
          bindings: [
            { policy: 'office', pass: false, code: 'dummy/fail', line: 'doorward.yaml:9:7' },
          ],
        },
      ],
    });
    const views: ErrorPageView[] = [];
    const pages = {
      ...fakePages,
      errorPage(view: ErrorPageView) {
        views.push(view);
        return fakePages.errorPage(view);
      },
    };
    const own = createReplies({ pages, assertion: null });
    const disclosure: DisclosureRule = { everybody: 'code', groups };
    const question = {
      ...contextOf({ accept: 'text/html' }),
      snapshot: { ...snapshot, disclosure },
    };
    own.decision(question, testFacts(), denied, 0);
    own.decision(question, testFacts(), { ...denied, visitor: null }, 0);
    expect(views.map((view) => [view.disclosure, view.trace?.rules[0]?.name])).toEqual([
      ['trace', 'wiki'],
      ['code', undefined],
    ]);
  });
});

describe('a fault', () => {
  const problem = new Problem('store/unavailable', 'The session store does not answer.', {
    status: 503,
    retryAfter: 5,
    cause: new Error('redis://secret@host'),
  });

  it('says when to retry and nothing of its cause', () => {
    const answer = replies.problem(contextOf(), problem, null);
    if (answer.kind !== 'refuse') throw new Error(answer.kind);
    expect(answer).toMatchObject({ status: 503, headers: ['Retry-After', '5'] });
    expect(JSON.parse(answer.body.text)).toEqual({
      error: 'store/unavailable',
      message: 'The session store does not answer.',
      request_id: 'r1',
    });
  });

  it.each([
    [{ accept: 'text/html' }, true],
    [{ accept: 'text/html', 'sec-fetch-mode': 'navigate' }, true],
    [{ accept: 'text/html', 'sec-fetch-mode': 'cors' }, false],
    [{ accept: 'text/html', 'x-requested-with': 'XMLHttpRequest' }, false],
    [{ accept: 'text/html', 'sec-websocket-key': 'x' }, false],
    [{}, false],
  ])('is a page for %j: %s', (headers: Record<string, string>, isPage) => {
    for (const answer of [
      replies.problem(contextOf(headers), problem, null),
      replies.refusal(contextOf(headers), refuse(400, 'path/dot-segment', 'no dots'), null),
    ]) {
      if (answer.kind !== 'refuse') throw new Error(answer.kind);
      expect(answer.body.type.startsWith('text/html')).toBe(isPage);
    }
  });
});

describe('the page of a fault', () => {
  const down = new Problem('upstream/down', 'The app cannot be reached.', { status: 502 });
  const hostShown = (facts: ReturnType<typeof testFacts> | null): string => {
    const hosts: string[] = [];
    const pages = {
      ...fakePages,
      errorPage(view: Parameters<typeof fakePages.errorPage>[0]) {
        hosts.push(view.host);
        return fakePages.errorPage(view);
      },
    };
    createReplies({ pages, assertion: null }).problem(
      contextOf({ accept: 'text/html' }),
      down,
      facts,
    );
    return hosts.join();
  };

  it('names the host that was checked, and none if the request could not be read', () => {
    expect(hostShown(testFacts())).toBe('wiki.example.com');
    expect(hostShown(null)).toBe('');
  });
});

describe('identity headers', () => {
  const signed = testIdentity('X-Doorward-Jwt');
  const facts = testFacts();
  const allowed = (identity: typeof signed, by: typeof ALLOW.visitor = visitor) => ({
    snapshot,
    facts,
    decision: { visitor: by, route: { ...route, identity } },
  });

  it('name the visitor, with an assertion for this app if one is configured', () => {
    const own = createReplies({ pages: fakePages, assertion });
    expect(own.identity(allowed(signed), 7)).toEqual([
      'Remote-User',
      'ann',
      'Remote-Groups',
      'staff',
      'Remote-Name',
      'Ann Example',
      'Remote-Email',
      'ann@example.com',
      'X-Doorward-Jwt',
      'fake/ann for wiki at https://wiki.example.com at 7',
    ]);
  });

  it.each([
    ['an anonymous visitor', null, assertion],
    ['a missing signer', visitor, null],
  ])('leave the assertion empty, not absent, for %s', (_, by, signer) => {
    const own = createReplies({ pages: fakePages, assertion: signer });
    expect(own.identity(allowed(signed, by), 7).slice(-2)).toEqual(['X-Doorward-Jwt', '']);
  });

  it('follow the user and the route', () => {
    const plain = testIdentity();
    const bob = { ...visitor, user: testUser({ name: 'bob' }) };
    expect(replies.identity(allowed(plain), 0)[1]).toBe('ann');
    expect(replies.identity(allowed(plain, bob), 0)[1]).toBe('bob');
    const shorter = { ...plain, headers: plain.headers.slice(1) };
    expect(replies.identity(allowed(shorter, bob), 0)[0]).toBe('Remote-Groups');
  });
});

function assertion(user: { id: string }, _: unknown, to: Audience, now: number): string {
  return `${user.id} for ${to.id} at ${to.origin} at ${now}`;
}
