import { describe, expect, it, vi } from 'vitest';
import { fakeClock } from '../../../test/support/fakes.ts';
import { someFacts } from '../../../test/support/policy-input.ts';
import { aRoute, aRule } from '../../../test/support/tables.ts';
import { testBinding, testFacts, testSnapshot } from '../../../test/support/snapshot.ts';
import { routeTable } from '../../core/routes/route.ts';
import type { PolicyInput } from '../../core/policy/policy.ts';
import type { Visitors } from '../../core/access/visitors.ts';
import { createDecideRequest } from './decide-request.ts';
import { testSession, testUser } from '../../../test/support/fakes.ts';

const visitor = { session: testSession(), user: testUser() };
const known = { find: () => visitor } as unknown as Visitors;
const stranger = { find: () => null } as unknown as Visitors;
const nearby = testBinding(true, {
  needs: ['place'],
  evaluate: ({ signals }: PolicyInput) => ({
    pass: signals['place'] === 'here',
    reason: { code: 'place/known' },
  }),
});
const snapshot = testSnapshot({ routes: [{ id: 'wiki', paths: { '/near/**': [nearby] } }] });

describe('deciding about a request', () => {
  it('is synchronous when the visitor is cached', () => {
    const decideRequest = createDecideRequest({ visitors: known, clock: fakeClock() });
    expect(decideRequest(snapshot, testFacts())).toMatchObject({ kind: 'allow', visitor });
  });

  it('waits for a visitor who is not cached', async () => {
    const visitors = { find: () => Promise.resolve(null) } as unknown as Visitors;
    const decideRequest = createDecideRequest({ visitors, clock: fakeClock() });
    expect(await decideRequest(snapshot, testFacts())).toMatchObject({ kind: 'authenticate' });
  });

  it('treats a session used outside its bounds as none, and says so in the reason', () => {
    const calls: unknown[] = [];
    const visitors = {
      find(...given: unknown[]) {
        calls.push(...given);
        return { elsewhere: 'fake/ann' };
      },
    } as unknown as Visitors;
    const decideRequest = createDecideRequest({ visitors, clock: fakeClock() });
    const facts = testFacts({ clientIp: '203.0.113.7' }, { cookie: 'c=1' });
    const decision = decideRequest(snapshot, facts);
    expect(decision).toMatchObject({
      kind: 'authenticate',
      visitor: null,
      reasons: [{ code: 'session/elsewhere' }],
    });
    expect(calls).toEqual([facts, 'use', null]);
  });

  it('looks no visitor up where the decision is the same for all', () => {
    const find = vi.fn<() => typeof visitor>(() => visitor);
    const visitors = { find } as unknown as Visitors;
    const decideRequest = createDecideRequest({ visitors, clock: fakeClock() });
    const cors = {
      origins: new Set(['https://shop.example.com']),
      methods: ['PUT'],
      headers: null,
      credentials: false,
      maxAge: 0,
      preflight: 'pass',
    } as const;
    const rules = [aRule(), aRule({ pattern: '/internal/**', closed: true })];
    const table = routeTable([aRoute({ rules, cors })]);
    const decided = (changes: Parameters<typeof someFacts>[0]) =>
      decideRequest({ ...snapshot, table }, someFacts(changes));
    expect(decided({ target: '/internal/x' })).toMatchObject({ kind: 'deny' });
    const headers = { origin: 'https://shop.example.com', 'access-control-request-method': 'PUT' };
    expect(decided({ method: 'OPTIONS', headers })).toMatchObject({ kind: 'allow', visitor: null });
    expect(find).not.toHaveBeenCalled();
    expect(decided({ target: '/x' })).toMatchObject({ kind: 'allow', visitor });
    expect(find).toHaveBeenCalledOnce();
  });

  it('fails with the store', async () => {
    const visitors = { find: () => Promise.reject(new Error('down')) } as unknown as Visitors;
    const decideRequest = createDecideRequest({ visitors, clock: fakeClock() });
    await expect(decideRequest(snapshot, testFacts())).rejects.toThrow('down');
  });

  it('fails with the store where only programs may come, rather than call a token wrong', async () => {
    const visitors = { find: () => Promise.reject(new Error('down')) } as unknown as Visitors;
    const decideRequest = createDecideRequest({ visitors, clock: fakeClock() });
    const accepts = {
      session: false,
      basic: true,
      passwords: false,
      bearer: true,
      certificate: false,
    };
    const programs = testSnapshot({ routes: [{ id: 'wiki', accepts }] });
    const facts = testFacts({}, { authorization: 'Bearer x' });
    await expect(decideRequest(programs, facts)).rejects.toThrow('down');
  });

  it('says what counts in the Authorization field, if there is one that the rules read', async () => {
    const find = vi.fn<Visitors['find']>(() => null);
    const decideRequest = createDecideRequest({ visitors: { find }, clock: fakeClock() });
    const accepts = {
      session: true,
      basic: false,
      passwords: false,
      bearer: true,
      certificate: false,
    };
    const mixed = testSnapshot({ routes: [{ id: 'wiki', accepts }, { id: 'board' }] });
    const asked = (authority: string, authorization: string | null) => {
      const headers = authorization === null ? {} : { authorization };
      const facts = testFacts({ authority }, headers);
      void decideRequest(mixed, facts);
      return find.mock.lastCall as unknown as unknown[];
    };
    expect(asked('wiki.example.com', 'Bearer x')[2]).toEqual(accepts);
    expect(asked('wiki.example.com', null)[2]).toBeNull();
    expect(asked('board.example.com', 'Bearer x')[2]).toBeNull();
    expect(asked('unknown.example.com', 'Bearer x')[2]).toBeNull();
  });

  it('refuses a field that shows no credential, unless there is another one', async () => {
    const accepts = {
      session: true,
      basic: true,
      passwords: false,
      bearer: true,
      certificate: false,
    };
    const some = testSnapshot({
      routes: [{ id: 'wiki', accepts, paths: { '/open/**': 'public' } }],
    });
    const statusOf = async (
      authorization: string | null,
      { visitors = stranger, snapshot: one = some, target = '/' } = {},
    ) => {
      const headers = authorization === null ? {} : { authorization };
      const facts = testFacts({ target }, headers);
      const repeated = { ...facts, isRepeated: (name: string) => name === 'authorization' };
      const decideRequest = createDecideRequest({ visitors, clock: fakeClock() });
      const decision = await decideRequest(one, authorization === null ? repeated : facts);
      return decision.kind === 'deny' ? decision.status : decision.kind;
    };
    const malformed = ['Bearer', 'bearer a b', 'Bearer a, Bearer a', `Bearer ${'a'.repeat(8_192)}`];
    for (const field of [...malformed, null]) {
      expect([field, await statusOf(field)]).toEqual([field, 400]);
      expect(await statusOf(field, { visitors: known })).toBe('allow');
      expect(await statusOf(field, { target: '/open/x' })).toBe('allow');
      expect(await statusOf(field, { snapshot })).toBe('authenticate');
    }
    for (const field of ['Bearer a', 'Basic', 'Basic =', 'Digest a b', 'Bearerer a b']) {
      expect([field, await statusOf(field)]).toEqual([field, 'authenticate']);
    }
    const only = testSnapshot({ routes: [{ id: 'wiki', accepts: { ...accepts, bearer: false } }] });
    expect(await statusOf('Bearer a b', { snapshot: only })).toBe('authenticate');
    expect(await statusOf(null, { snapshot: only })).toBe(400);
  });

  it('allows public paths and refuses unknown ones while the store is down', async () => {
    const visitors = { find: () => Promise.reject(new Error('down')) } as unknown as Visitors;
    const decideRequest = createDecideRequest({ visitors, clock: fakeClock() });
    const routes = [{ id: 'wiki', paths: { '/open/**': 'public' as const } }];
    const open = testSnapshot({ routes });
    const allowed = await decideRequest(open, testFacts({ target: '/open/x' }));
    expect(allowed).toMatchObject({ kind: 'allow', visitor: null });
    await expect(decideRequest(open, testFacts({ target: '/other' }))).rejects.toThrow('down');
    const elsewhere = testFacts({ authority: 'unknown.test' });
    expect(await decideRequest(open, elsewhere)).toMatchObject({ kind: 'deny' });
  });

  it('gathers signals only if a rule needs them', async () => {
    const calls: string[][] = [];
    const decideRequest = createDecideRequest({
      visitors: known,
      clock: fakeClock(),
      signals: (names) => {
        calls.push([...names]);
        return Promise.resolve({ place: 'here' });
      },
    });
    expect(decideRequest(snapshot, testFacts())).toMatchObject({ kind: 'allow' });
    expect(decideRequest(testSnapshot(), testFacts())).toMatchObject({ kind: 'allow' });
    expect(calls).toEqual([]);
    expect(await decideRequest(snapshot, testFacts({ target: '/near/x' }))).toMatchObject({
      kind: 'allow',
    });
    expect(calls).toEqual([['place']]);
  });

  it('denies if a signal is missing', async () => {
    const facts = testFacts({ target: '/near/x' });
    const denied = { kind: 'deny', reasons: [{ code: 'signal/missing' }] };
    const deaf = createDecideRequest({ visitors: known, clock: fakeClock() });
    expect(deaf(snapshot, facts)).toMatchObject(denied);
    const empty = createDecideRequest({
      visitors: known,
      clock: fakeClock(),
      signals: () => Promise.resolve({}),
    });
    expect(await empty(snapshot, facts)).toMatchObject(denied);
  });
});
