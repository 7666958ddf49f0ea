import { describe, expect, it } from 'vitest';
import { START } from '../../test/support/fakes.ts';
import {
  testBinding,
  testFacts,
  testSnapshot,
  type RouteWords,
} from '../../test/support/snapshot.ts';
import type { SessionVisitor } from '../core/access/decision.ts';
import type { Evaluate } from '../core/policy/policy.ts';
import type { SignalSource } from '../core/access/signal.ts';
import { appsFor, MAX_LISTED } from './apps.ts';

const visitor: SessionVisitor = {
  session: {
    v: 1,
    id: 's',
    userId: 'embedded/ann',
    proofs: [{ method: 'password', at: START }],
    createdAt: START,
    seenAt: START,
    expiresAt: START + 3_600_000,
    idle: 3_600_000,
    client: { ip: '192.0.2.7', agent: '' },
  },
  user: {
    id: 'embedded/ann',
    name: 'ann',
    displayName: 'Ann',
    email: '',
    emailVerified: true,
    groups: [],
    attributes: {},
    disabled: false,
    passwordSetAt: null,
  },
};

const facts = testFacts({ authority: 'auth.example.com' });
const list = (
  routes: readonly RouteWords[],
  search = '',
  publicUrl = 'https://auth.example.com',
  signals: SignalSource = () => Promise.resolve({}),
) => {
  const snapshot = testSnapshot({ routes, publicUrl });
  return appsFor({ snapshot, visitor, facts, now: START, search, signals });
};

function evaluate(): never {
  throw new Error('broken');
}

const hasConsent: Evaluate = ({ signals }) => ({
  pass: signals['consent'] === true,
  reason: { code: 'consent/missing' },
});

describe('the apps of a visitor', () => {
  it('lists open apps, marks those that need one more step, and hides denied ones', async () => {
    const { apps } = await list([
      { id: 'wiki' },
      { id: 'vault', paths: { '/**': [testBinding(false, { otherwise: 'step-up' })] } },
      { id: 'payroll', paths: { '/**': [testBinding(false)] } },
      { id: 'status', paths: { '/**': 'public' } },
    ]);
    expect(apps.map((app) => [app.title, app.asksMore])).toEqual([
      ['status', false],
      ['vault', true],
      ['wiki', false],
    ]);
    expect(apps[2]?.url).toBe('https://wiki.example.com/');
  });

  it('decides about the front page of each app, not about a path below it', async () => {
    const { apps } = await list([{ id: 'wiki', paths: { '/admin/**': [testBinding(false)] } }]);
    expect(apps).toHaveLength(1);
  });

  it('hides an app whose rule throws', async () => {
    const { apps } = await list([
      { id: 'wiki', paths: { '/**': [testBinding(true, { evaluate })] } },
    ]);
    expect(apps).toEqual([]);
  });

  it('gathers signals for each app whose rules need them, and for no other', async () => {
    const inputs: unknown[] = [];
    const signals: SignalSource = async (names, { route, user, device, subject }) => {
      inputs.push([names, route?.id, user?.name, device, subject?.userId]);
      return route?.id === 'lost' ? {} : { consent: route?.id === 'given' };
    };
    const needing = testBinding(true, {
      evaluate: hasConsent,
      needs: ['consent'],
      otherwise: 'consent',
    });
    const routes = ['given', 'missing', 'lost'].map((id) => ({ id, paths: { '/**': [needing] } }));
    const { apps } = await list([...routes, { id: 'wiki' }], '', undefined, signals);
    expect(apps.map((app) => [app.title, app.asksMore])).toEqual([
      ['given', false],
      ['missing', true],
      ['wiki', false],
    ]);
    expect(inputs).toEqual(
      ['given', 'missing', 'lost'].map((id) => [['consent'], id, 'ann', null, 'embedded/ann']),
    );
  });

  it('leaves out hosts that cannot be linked to, and keeps the port of the others', async () => {
    const { apps } = await list(
      [
        { id: 'any', host: '*.example.com' },
        { id: 'wiki', host: 'wiki.demo.localhost:4747' },
      ],
      '',
      'http://auth.demo.localhost:4747',
    );
    expect(apps.map((app) => app.url)).toEqual(['http://wiki.demo.localhost:4747/']);
  });

  it('searches by title and host, and counts all of them', async () => {
    const found = await list(
      [{ id: 'wiki' }, { id: 'mail', host: 'post.example.com' }, { id: 'chat' }],
      ' POST ',
    );
    expect(found.apps.map((app) => app.title)).toEqual(['mail']);
    expect(found.total).toBe(3);
  });

  it('lists no more than fit on a page', async () => {
    const routes = Array.from({ length: MAX_LISTED + 50 }, (_, i) => ({ id: `app${i}` }));
    const found = await list(routes);
    expect([found.apps.length, found.total]).toEqual([MAX_LISTED, MAX_LISTED]);
    expect((await list(routes, `app${MAX_LISTED + 40}`)).apps).toHaveLength(1);
  });
});
