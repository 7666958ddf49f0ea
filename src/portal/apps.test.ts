import { describe, expect, it } from 'vitest';
import { START } from '../../test/support/fakes.ts';
import {
  testBinding,
  testFacts,
  testSnapshot,
  type RouteWords,
} from '../../test/support/snapshot.ts';
import type { Visitor } from '../core/decision.ts';
import { appsFor, MAX_LISTED } from './apps.ts';

const visitor: Visitor = {
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
    groups: [],
    attributes: {},
    disabled: false,
    passwordSetAt: null,
  },
};

const facts = testFacts({ authority: 'auth.example.com' });
const list = (routes: readonly RouteWords[], search = '', publicUrl = 'https://auth.example.com') =>
  appsFor(testSnapshot({ routes, publicUrl }), visitor, facts, START, search);

function judge(): never {
  throw new Error('broken');
}

describe('the apps somebody may open', () => {
  it('lists what is open, marks what asks for one more step, hides what is denied', () => {
    const { apps } = list([
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

  it('judges the front page of each app, not some path below it', () => {
    const { apps } = list([{ id: 'wiki', paths: { '/admin/**': [testBinding(false)] } }]);
    expect(apps).toHaveLength(1);
  });

  it('a rule that throws hides its app', () => {
    expect(list([{ id: 'wiki', paths: { '/**': [testBinding(true, { judge })] } }]).apps).toEqual(
      [],
    );
  });

  it('leaves out hosts that cannot be linked to, and keeps the port of the others', () => {
    const { apps } = list(
      [
        { id: 'any', host: '*.example.com' },
        { id: 'wiki', host: 'wiki.demo.localhost:4747' },
      ],
      '',
      'http://auth.demo.localhost:4747',
    );
    expect(apps.map((app) => app.url)).toEqual(['http://wiki.demo.localhost:4747/']);
  });

  it('searches by title and host, and counts all of them', () => {
    const found = list(
      [{ id: 'wiki' }, { id: 'mail', host: 'post.example.com' }, { id: 'chat' }],
      ' POST ',
    );
    expect(found.apps.map((app) => app.title)).toEqual(['mail']);
    expect(found.total).toBe(3);
  });

  it('lists no more than fit a page', () => {
    const routes = Array.from({ length: MAX_LISTED + 50 }, (_, i) => ({ id: `app${i}` }));
    const found = list(routes);
    expect([found.apps.length, found.total]).toEqual([MAX_LISTED, MAX_LISTED]);
    expect(list(routes, `app${MAX_LISTED + 40}`).apps).toHaveLength(1);
  });
});
