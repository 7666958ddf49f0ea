import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { fakeClock, fakeEvents, fakeRandom, fakeTickets } from '../../../test/support/fakes.ts';
import { testFacts, testSnapshot } from '../../../test/support/snapshot.ts';
import { decide } from '../../core/access/decide.ts';
import type { UnsentForm } from '../../core/access/unsent.ts';
import { storeUnavailable } from '../../core/values/problem.ts';
import type { Admission } from '../admission/admission.ts';
import { createKeepUnsent, type KeepParts } from './keep-unsent.ts';

const TYPE = 'application/x-www-form-urlencoded';
const USER = 'u'.repeat(22);
const HEADERS = {
  accept: 'text/html',
  origin: 'https://wiki.example.com',
  'content-type': TYPE,
  cookie: '__Secure-doorward=sealed.one.secret',
};

const snapshot = testSnapshot({ routes: [{ id: 'wiki', upstream: 'http://wiki:8080' }] });
const LOGIN =
  'https://auth.example.com/flow/login?rd=https%3A%2F%2Fwiki.example.com%2F&notice=unsent';

function world(changes: Partial<KeepParts> = {}) {
  const stored: UnsentForm[] = [];
  const events = fakeEvents();
  const keep = createKeepUnsent({
    unsent: { put: (_key, form) => Promise.resolve(void stored.push(form)) },
    throttle: { take: () => Promise.resolve({ allowed: true, retryAt: 0 }) },
    tickets: {
      open: async (value) => {
        const ticket = await fakeTickets().open(value);
        return ticket === null ? null : { ...ticket, user: USER };
      },
    },
    random: fakeRandom(),
    clock: fakeClock(),
    events,
    ...changes,
  });
  return { keep, stored, events };
}

function lost(headers: Readonly<Record<string, string>> = {}): Admission {
  const facts = testFacts({ method: 'POST', target: '/save?id=1' }, { ...HEADERS, ...headers });
  const { table, site } = snapshot;
  const decision = decide({ table, site, facts, visitor: null, signals: {}, now: 0 });
  const reply = { kind: 'redirect', status: 303, to: LOGIN, cookies: ['a=b'] } as const;
  const rest = { requestId: 'id', report: () => undefined };
  return { snapshot, facts, decision, reply, ...rest } as unknown as Admission;
}

/** A request with this body; null: one that never ends. */
function sending(body: string | null, headers: Readonly<Record<string, string>> = {}) {
  const stream =
    body === null ? new Readable({ read: () => undefined }) : Readable.from([Buffer.from(body)]);
  return Object.assign(stream, { headers }) as unknown as IncomingMessage;
}

const replyOf = async (kept: Promise<Admission> | null) => {
  const reply = kept === null ? null : (await kept).reply;
  return reply?.kind === 'redirect' ? reply : null;
};

/** A ticket that is named after its user, and a lost form with it. */
const ticketOf = (user: string) =>
  Promise.resolve({ id: 'i', secret: 's', scope: 'domain:example.com', user });
const of = (user: string) => lost({ cookie: `__Secure-doorward=${user}` });

describe('keeping a form', () => {
  it('stores it with its user and address, and leads to it after the sign-in', async () => {
    const { keep, stored } = world();
    const reply = await replyOf(keep(sending('a=1'), lost()));
    const to = new URL(reply?.to ?? '');
    expect([to.origin, to.pathname]).toEqual(['https://auth.example.com', '/flow/login']);
    expect(to.searchParams.get('notice')).toBe('kept');
    expect(to.searchParams.get('rd')).toMatch(
      /^https:\/\/wiki\.example\.com\/\.doorward\/unsent\?id=[\w-]+$/,
    );
    expect(reply?.cookies).toEqual(['a=b', expect.stringMatching(/^__Host-doorward-unsent=/)]);
    expect(stored).toMatchObject([
      {
        user: USER,
        origin: 'https://wiki.example.com',
        target: '/save?id=1',
        fields: [{ name: 'a', value: '1' }],
      },
    ]);
  });

  it.each<readonly [string, Partial<KeepParts>, readonly string[]]>([
    [
      'the store is down',
      { unsent: { put: () => Promise.reject(storeUnavailable(null)) } },
      ['store/unavailable'],
    ],
    [
      'counting fails',
      { throttle: { take: () => Promise.reject(storeUnavailable(null)) } },
      ['store/unavailable'],
    ],
    [
      'there is no room',
      { throttle: { take: (key) => Promise.resolve({ allowed: key !== 'unsent', retryAt: 1 }) } },
      [],
    ],
    ['the ticket is not genuine', { tickets: { open: () => Promise.resolve(null) } }, []],
    ['the ticket names no user', { tickets: fakeTickets() }, []],
  ])('leaves the reply as it is if %s', async (_, changes, faults) => {
    const { keep, stored, events } = world(changes);
    const admission = lost();
    expect(await keep(sending('a=1'), admission)).toBe(admission);
    expect(stored).toEqual([]);
    expect(events.all.flatMap((event) => (event.type === 'fault' ? [event.code] : []))).toEqual(
      faults,
    );
    expect(JSON.stringify(events.all)).not.toContain('a=1');
  });

  it('leaves the reply as it is if the client leaves or sends too much', async () => {
    const { keep, stored } = world();
    const left = sending(null);
    const admission = lost();
    const kept = keep(left, admission);
    left.destroy();
    expect(await kept).toBe(admission);
    expect(await keep(sending('a'.repeat(64 * 1024 + 1)), admission)).toBe(admission);
    expect(keep(sending('', { 'content-length': String(64 * 1024 + 1) }), admission)).toBeNull();
    expect(stored).toEqual([]);
  });

  it('reads no more than 64 forms at a time', async () => {
    const { keep } = world();
    const open = Array.from({ length: 64 }, () => sending(null));
    const kept = open.map((request) => keep(request, lost()));
    expect(keep(sending('a=1'), lost())).toBeNull();
    for (const request of open) request.destroy();
    for (const one of kept) await one;
    expect(await replyOf(keep(sending('a=1'), lost()))).toMatchObject({ status: 303 });
  });

  it('reads no more than 8 forms of one user at a time', async () => {
    const { keep, stored } = world({ tickets: { open: ticketOf } });
    const slow = Array.from({ length: 12 }, () => sending(null));
    const kept = slow.map((request) => keep(request, of('slow')));
    // The four beyond the eight end unread, whatever they send.
    for (const one of kept.slice(8)) expect((await replyOf(one))?.to).toBe(LOGIN);
    expect((await replyOf(keep(sending('a=1'), of('slow'))))?.to).toBe(LOGIN);
    expect((await replyOf(keep(sending('a=1'), of('other'))))?.to).toContain('notice=kept');
    for (const request of slow) request.destroy();
    for (const one of kept) await one;
    expect((await replyOf(keep(sending('a=1'), of('slow'))))?.to).toContain('notice=kept');
    expect(stored.map(({ user }) => user)).toEqual(['other', 'slow']);
  });

  it('leaves one half of the key in the browser, although two were there', async () => {
    const { keep } = world();
    const two = '__Host-doorward-unsent=a; __Host-doorward-unsent=b';
    const reply = await replyOf(
      keep(sending('a=1'), lost({ cookie: `${HEADERS.cookie}; ${two}` })),
    );
    const ours = reply?.cookies?.filter((line) => line.startsWith('__Host-doorward-unsent=')) ?? [];
    expect(ours.length).toBeGreaterThan(1);
    expect(ours.slice(0, -1).every((line) => line.includes('Max-Age=0'))).toBe(true);
    expect(ours.at(-1)).not.toContain('Max-Age=0');
  });

  it('never reads the body of an allowed or denied request', () => {
    const { keep } = world();
    const decision = { kind: 'deny' } as const;
    expect(keep(sending(null), { ...lost(), decision } as unknown as Admission)).toBeNull();
    expect(keep(sending(null), { ...lost(), decision: null })).toBeNull();
  });
});
