import { describe, expect, it } from 'vitest';
import { testUser } from '../../../test/support/fakes.ts';
import { flowBrowser, flowEngine, LOGIN, testFlow } from '../../../test/support/flow-fakes.ts';
import { Problem } from '../../core/values/problem.ts';

const FIELDS = [
  { type: 'username', name: 'username' },
  { type: 'email', name: 'email', required: false },
];
const STAGES = [
  { type: 'prompt', fields: FIELDS },
  { type: 'message', title: 'Done', text: 'Done' },
];
const BOB = testUser({ id: 'fake/bob', name: 'bob', email: 'bob@example.com' });

/** The error beside the username after this submission; null if it was accepted. */
async function errorOf(given: Readonly<Record<string, string>>, problem: Problem | null = null) {
  const engine = flowEngine({ flows: [testFlow('join', STAGES)], users: [testUser(), BOB] });
  if (problem !== null) engine.users.checkName = () => Promise.reject(problem);
  const browser = flowBrowser(engine);
  const page = await browser.submit(await browser.open('/flow/join'), given);
  if (page.view.challenge?.type === 'message') return null;
  const field = page.view.challenge?.fields.find(
    (one: object) => 'name' in one && one.name === 'username',
  );
  return field !== undefined && 'error' in field ? field.error : undefined;
}

const problem = (code: string, status: number) => new Problem(code, 'No.', { status });

describe('a new username', () => {
  it.each([
    ['is taken', 'taken', { username: 'ann' }, null],
    ['looks like another', 'alike', { username: 'b0b' }, problem('user/name-alike', 409)],
    ['has other letters', 'unfit', { username: 'zoé' }, problem('user/name', 400)],
    ['is an address of its own', 'address', { username: 'ann@example.com' }, null],
  ])('that %s is refused beside its field', async (_, error, given, fault) => {
    expect(await errorOf(given, fault)).toEqual({ key: `prompt.username.${error}` });
  });

  it('may be the address in the same form, whether or not that is taken', async () => {
    for (const email of ['ann@example.com', 'new@example.com']) {
      expect(await errorOf({ username: email, email })).toBeNull();
    }
  });

  it('is not accepted while it cannot be checked', async () => {
    const fault = problem('directory/unavailable', 503);
    expect(await errorOf({ username: 'new' }, fault)).toBeUndefined();
  });
});

describe('the username of a user', () => {
  it('may stay, and may be their own address', async () => {
    const flow = testFlow('profile', STAGES, { requires: 'session' });
    for (const username of ['ann', 'ann@example.com']) {
      const engine = flowEngine({ flows: [LOGIN, flow], users: [testUser(), BOB] });
      const browser = flowBrowser(engine);
      await browser.signIn();
      const page = await browser.submit(await browser.open('/flow/profile'), { username });
      expect(page.view.challenge?.type).toBe('message');
    }
  });
});
