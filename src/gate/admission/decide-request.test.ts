import { describe, expect, it } from 'vitest';
import { fakeClock } from '../../../test/support/fakes.ts';
import { testBinding, testFacts, testSnapshot } from '../../../test/support/snapshot.ts';
import type { PolicyInput } from '../../core/access/policy.ts';
import type { Visitors } from '../../core/access/visitors.ts';
import { createDecideRequest } from './decide-request.ts';
import { testSession, testUser } from '../../../test/support/fakes.ts';

const visitor = { session: testSession(), user: testUser() };
const somebody = { find: () => visitor } as unknown as Visitors;
const nearby = testBinding(true, {
  needs: ['place'],
  judge: ({ signals }: PolicyInput) => ({
    pass: signals['place'] === 'here',
    reason: { code: 'place/known' },
  }),
});
const snapshot = testSnapshot({ routes: [{ id: 'wiki', paths: { '/near/**': [nearby] } }] });

describe('a judgement', () => {
  it('needs no promise when the visitor is remembered', () => {
    const judge = createDecideRequest({ visitors: somebody, clock: fakeClock() });
    expect(judge(snapshot, testFacts())).toMatchObject({ kind: 'allow', visitor });
  });

  it('waits for a visitor who is not', async () => {
    const visitors = { find: () => Promise.resolve(null) } as unknown as Visitors;
    const judge = createDecideRequest({ visitors, clock: fakeClock() });
    expect(await judge(snapshot, testFacts())).toMatchObject({ kind: 'authenticate' });
  });

  it('takes a session that is used elsewhere for none, asks from where, and says so', () => {
    const calls: unknown[] = [];
    const visitors = {
      find(...given: unknown[]) {
        calls.push(...given);
        return { elsewhere: 'fake/ann' };
      },
    } as unknown as Visitors;
    const judge = createDecideRequest({ visitors, clock: fakeClock() });
    const decision = judge(snapshot, testFacts({ clientIp: '203.0.113.7' }, { cookie: 'c=1' }));
    expect(decision).toMatchObject({
      kind: 'authenticate',
      visitor: null,
      reasons: [{ code: 'session/elsewhere' }],
    });
    expect(calls).toEqual(['c=1', '203.0.113.7', true]);
  });

  it('fails with the store', async () => {
    const visitors = { find: () => Promise.reject(new Error('down')) } as unknown as Visitors;
    const judge = createDecideRequest({ visitors, clock: fakeClock() });
    await expect(judge(snapshot, testFacts())).rejects.toThrow('down');
  });

  it('needs nobody for what is public, or there for nobody, while the store is down', async () => {
    const visitors = { find: () => Promise.reject(new Error('down')) } as unknown as Visitors;
    const judge = createDecideRequest({ visitors, clock: fakeClock() });
    const routes = [{ id: 'wiki', paths: { '/open/**': 'public' as const } }];
    const open = testSnapshot({ routes });
    const allowed = await judge(open, testFacts({ target: '/open/x' }));
    expect(allowed).toMatchObject({ kind: 'allow', visitor: null });
    await expect(judge(open, testFacts({ target: '/other' }))).rejects.toThrow('down');
    const stranger = testFacts({ authority: 'nobody.test' });
    expect(await judge(open, stranger)).toMatchObject({ kind: 'deny' });
  });

  it('gathers signals only where a rule needs them', async () => {
    const calls: string[][] = [];
    const judge = createDecideRequest({
      visitors: somebody,
      clock: fakeClock(),
      signals: (names) => {
        calls.push([...names]);
        return Promise.resolve({ place: 'here' });
      },
    });
    expect(judge(snapshot, testFacts())).toMatchObject({ kind: 'allow' });
    expect(judge(testSnapshot(), testFacts())).toMatchObject({ kind: 'allow' });
    expect(calls).toEqual([]);
    expect(await judge(snapshot, testFacts({ target: '/near/x' }))).toMatchObject({
      kind: 'allow',
    });
    expect(calls).toEqual([['place']]);
  });

  it('denies where a signal is missing', async () => {
    const facts = testFacts({ target: '/near/x' });
    const denied = { kind: 'deny', reasons: [{ code: 'signal/missing' }] };
    const deaf = createDecideRequest({ visitors: somebody, clock: fakeClock() });
    expect(deaf(snapshot, facts)).toMatchObject(denied);
    const empty = createDecideRequest({
      visitors: somebody,
      clock: fakeClock(),
      signals: () => Promise.resolve({}),
    });
    expect(await empty(snapshot, facts)).toMatchObject(denied);
  });
});
