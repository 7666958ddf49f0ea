import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DemoApps, startDemoApps } from './demo-apps.ts';
import { MAX_NOTE, MAX_NOTES, noteBoard } from './note-board.ts';
import { shellWord } from './whoami-page.ts';

let demo: DemoApps;
beforeAll(async () => {
  demo = await startDemoApps(() => 0);
});
afterAll(async () => {
  await demo.close();
});

const ANN = {
  'remote-user': 'ann',
  'remote-name': Buffer.from('Ännchen <x"\'>').toString('latin1'),
  'remote-groups': 'staff,a%2Cb',
  'x-forwarded-host': 'whoami.demo.localhost:4747',
  'x-forwarded-proto': 'http',
  'x-request-id': 'r-1',
};
const OWN = { ...ANN, 'sec-fetch-site': 'same-origin' };

const get = async (url: string, headers: Record<string, string> = ANN) =>
  (await fetch(url, { headers })).text();

const post = (
  path: string,
  fields: Record<string, string>,
  headers: Record<string, string> = OWN,
) =>
  fetch(demo.notes + path, {
    method: 'POST',
    body: new URLSearchParams(fields),
    headers,
    redirect: 'manual',
  });

describe('whoami', () => {
  it('shows each header with its meaning, and escapes all of it', async () => {
    const text = await get(`${demo.whoami}/some/path?a=<x>`);
    expect(text).toContain('Hello, Ännchen &lt;x&quot;&#39;&gt;');
    expect(text).toContain('Your username: who you are to this app.');
    expect(text).toContain('<code>a,b</code>');
    expect(text).not.toContain('<x');
    expect(text).toContain('r-1');
  });

  it('links to the other app beside it, and to no app for an unknown host', async () => {
    expect(await get(`${demo.whoami}/`)).toContain('href="http://notes.demo.localhost:4747/"');
    for (const host of ['evil.example', 'whoami.x"><script>', 'whoami.']) {
      const text = await get(`${demo.whoami}/`, { ...ANN, 'x-forwarded-host': host });
      expect(text).not.toContain('Open the notes app');
    }
  });

  it('says that the ticket is absent, and would report one', async () => {
    expect(await get(`${demo.whoami}/`, { ...ANN, cookie: 'theme=dark' })).toContain(
      '<div class="gone"><dt>Your ticket</dt>',
    );
    expect(await get(`${demo.whoami}/`, { ...ANN, cookie: '__Secure-doorward=x' })).toContain(
      '<div class="there"><dt>Your ticket</dt>',
    );
  });

  it('has a page for every user', async () => {
    expect(await get(`${demo.whoami}/public/hello`, {})).toContain('You are not signed in');
  });

  it('shows the same as JSON', async () => {
    const told = JSON.parse(await get(`${demo.whoami}/json`)) as { person: unknown };
    expect(told.person).toEqual({
      name: 'ann',
      displayName: 'Ännchen <x"\'>',
      email: '',
      groups: ['staff', 'a,b'],
    });
  });

  it('sends the first event at once and stops when the client leaves', async () => {
    const leave = new AbortController();
    const answer = await fetch(`${demo.whoami}/events`, { signal: leave.signal });
    expect(answer.headers.get('content-type')).toBe('text/event-stream');
    const first = await answer.body?.getReader().read();
    expect(Buffer.from(first?.value ?? []).toString()).toBe(
      'id: 1\nevent: tick\ndata: {"count":1}\n\n',
    );
    leave.abort();
  });

  it('is read-only', async () => {
    expect((await fetch(`${demo.whoami}/`, { method: 'DELETE' })).status).toBe(405);
  });

  it('shows a command that is safe to copy', () => {
    expect(shellWord('http://a.example/x')).toBe('http://a.example/x');
    expect(shellWord("http://a.example/?x=';rm -rf /")).toBe(
      `'http://a.example/?x='\\'';rm -rf /'`,
    );
  });
});

describe('notes', () => {
  it("keeps a note under its author's name, escaped, and lets the author delete it", async () => {
    const added = await post('/notes', { text: 'milk <b>&</b> eggs' });
    expect([added.status, added.headers.get('location')]).toEqual([303, '/']);
    const page = await get(`${demo.notes}/`);
    expect(page).toContain('milk &lt;b&gt;&amp;&lt;/b&gt; eggs');
    const id = /name="id" value="([^"]+)"/.exec(page)?.[1] ?? '';

    const byBea = { ...OWN, 'remote-user': 'bea' };
    expect(await get(`${demo.notes}/`, byBea)).not.toContain('name="id"');
    await post('/notes/delete', { id }, byBea);
    expect(await get(`${demo.notes}/`)).toContain('milk');

    await post('/notes/delete', { id });
    expect(await get(`${demo.notes}/`)).not.toContain('milk');
  });

  it.each([
    ['another site', { 'sec-fetch-site': 'cross-site' }],
    ['a sibling host', { 'sec-fetch-site': 'same-site' }],
    ['an older browser on another site', { origin: 'http://evil.example' }],
    ['an unknown origin', {}],
  ])('accepts no form from %s', async (_from, headers) => {
    expect((await post('/notes', { text: 'forged' }, { ...ANN, ...headers })).status).toBe(403);
    expect(await get(`${demo.notes}/`)).not.toContain('forged');
  });

  it('accepts its own form from an older browser', async () => {
    const headers = { ...ANN, origin: 'http://whoami.demo.localhost:4747' };
    expect((await post('/notes', { text: 'older' }, headers)).status).toBe(303);
  });

  it('shows the board at the form’s URL to a user who returns from a sign-in', async () => {
    const statuses = ['/', '/notes', '/other'].map(
      async (path) => (await fetch(demo.notes + path, { headers: ANN })).status,
    );
    expect(await Promise.all(statuses)).toEqual([200, 200, 404]);
  });

  it('accepts none from an anonymous visitor', async () => {
    const { 'remote-user': _gone, ...anonymous } = OWN;
    expect((await post('/notes', { text: 'x' }, anonymous)).status).toBe(403);
    expect(await get(`${demo.notes}/`, anonymous)).not.toContain('<textarea');
  });

  it('returns an empty or overlong note with the error', async () => {
    for (const text of ['  ', 'a'.repeat(MAX_NOTE + 1)]) {
      const answer = await post('/notes', { text });
      expect(answer.status).toBe(422);
      expect(await answer.text()).toContain('aria-describedby="text-error"');
    }
    expect((await post('/notes', { text: 'a'.repeat(40_000) })).status).toBe(413);
  });

  it('keeps a limited number', () => {
    const board = noteBoard();
    for (let i = 0; i < MAX_NOTES + 5; i += 1) {
      board.add({ author: 'ann', displayName: 'Ann', text: String(i), at: i });
    }
    expect(board.list()).toHaveLength(MAX_NOTES);
    expect(board.list()[0]?.text).toBe(String(MAX_NOTES + 4));
  });
});
