/**
 * A visitor who chooses a username learns whether it is taken, but not for a long list of names.
 */
import { describe, expect, it } from 'vitest';
import { testUser } from '../support/fakes.ts';
import {
  flowBrowser,
  flowEngine,
  type Seen,
  type StageWords,
  testFlow,
} from '../support/flow-fakes.ts';

const ENROL: readonly StageWords[] = [
  {
    type: 'prompt',
    fields: [
      { type: 'username', name: 'username' },
      { type: 'email', name: 'email' },
      { type: 'password', name: 'password' },
      { type: 'password', name: 'password_repeat' },
    ],
  },
  {
    type: 'user_write',
    create: 'always',
    fields: { name: 'username', email: 'email', password: 'password' },
  },
];

/** Asks for this many names from one address; returns each reply. */
async function harvest(count: number, fields: (index: number) => Record<string, string>) {
  const engine = flowEngine({ flows: [testFlow('enrol', ENROL)], users: [testUser()] });
  const browser = flowBrowser(engine, '203.0.113.66');
  const first = await browser.open('/flow/enrol');
  let page: Seen = first;
  const statuses: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const seen = await browser.submit(page, fields(index));
    statuses.push(seen.status);
    if (seen.view?.challenge !== undefined) page = seen;
  }
  return { engine, statuses, browser };
}

const told = (statuses: readonly number[]): number => statuses.filter((s) => s !== 429).length;

describe('a visitor with a list', () => {
  it('cannot test a thousand names with a form that never passes', async () => {
    const { statuses } = await harvest(300, (index) => ({
      username: index % 2 === 0 ? 'ann' : `name${index}`,
      email: 'x@example.com',
      password: 'a long password',
      password_repeat: 'another long password',
    }));
    expect(told(statuses)).toBeLessThanOrEqual(100);
    expect(statuses.at(-1)).toBe(429);
  });

  it('cannot test a thousand addresses with those that are taken', async () => {
    const { statuses } = await harvest(300, () => ({
      username: 'new-name',
      email: 'ann@example.com',
      password: 'a long password',
      password_repeat: 'a long password',
    }));
    expect(statuses[0]).toBe(409);
    expect(told(statuses)).toBeLessThanOrEqual(100);
    expect(statuses.at(-1)).toBe(429);
  });

  it('delays no other visitor, and may continue after a while', async () => {
    const { engine, browser } = await harvest(150, () => ({ username: 'ann' }));
    const right = {
      username: 'new',
      email: 'new@example.com',
      password: 'a long password',
      password_repeat: 'a long password',
    };
    const other = flowBrowser(engine, '198.51.100.7');
    await other.submit(await other.open('/flow/enrol'), right);
    expect(await engine.directory.find('new', ['username'])).not.toBeNull();
    engine.clock.advance(10 * 60_000);
    const again = await browser.submit(await browser.open('/flow/enrol'), { username: 'ann' });
    expect(again.status).toBe(200);
  });
});
