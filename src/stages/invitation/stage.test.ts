import { describe, expect, it } from 'vitest';
import type { Invitation } from '../../core/people/account.ts';
import type { User } from '../../core/people/user.ts';
import { testInvitation } from '../../../test/support/fake-accounts.ts';
import { fieldOf } from '../../../test/support/factors.ts';
import { START } from '../../../test/support/fakes.ts';
import { flowBrowser, flowEngine, LOGIN, testFlow } from '../../../test/support/flow-fakes.ts';

const TOKEN = 'x'.repeat(32);
const WORDS = [
  { type: 'prompt', fields: [{ type: 'email', name: 'email' }] },
  { type: 'message', title: 'Welcome', text: 'Bye' },
];

async function reach(
  changes: Partial<Invitation> | null,
  query = `?invitation=${TOKEN}`,
  required = true,
  users: readonly User[] | null = null,
) {
  const flow = testFlow('enrollment', [{ type: 'invitation', required }, ...WORDS]);
  const engine = flowEngine({ flows: [flow], ...(users === null ? {} : { users }) });
  const tokenName = engine.vault.name('invitation', TOKEN);
  if (changes !== null)
    engine.accounts.all.invitations = [testInvitation({ tokenName, ...changes })];
  const browser = flowBrowser(engine);
  return { engine, browser, page: await browser.open(`/flow/enrollment${query}`) };
}

describe('invitation', () => {
  it('admits an invited user, and is not spent by viewing', async () => {
    const { engine, page } = await reach({});
    expect(page.view.challenge.type).toBe('prompt');
    expect(engine.accounts.writes).toEqual([]);
  });

  it.each<[string, Partial<Invitation> | null, string]>([
    ['does not exist', null, 'invitation.unknown'],
    ['is for another flow', { flow: 'other' }, 'invitation.unknown'],
    ['is spent', { used: 1 }, 'invitation.spent'],
    ['expires now', { expiresAt: START }, 'invitation.expired'],
    ['contains forbidden data', { data: { disabled: false } }, 'invitation.unfit'],
    ['was for the first account, when one exists', { data: { first: true } }, 'invitation.late'],
    ['has ambiguous data', { data: { first: 'yes' } }, 'invitation.unfit'],
    ['contains no valid address', { data: { email: 'x' } }, 'invitation.unfit'],
  ])('refuses one that %s, required or not', async (_, changes, key) => {
    for (const required of [true, false]) {
      const { page } = await reach(changes, undefined, required);
      expect(page.view.text).toEqual({ key });
    }
  });

  it('shows a refused visitor the sign-in page, and a way to retry', async () => {
    const flow = testFlow('enrollment', [{ type: 'invitation' }, ...WORDS], {
      designation: 'enrollment',
    });
    const page = await flowBrowser(flowEngine({ flows: [LOGIN, flow] })).open('/flow/enrollment');
    expect(page.view.text).toEqual({ key: 'invitation.none' });
    expect(page.view.primary).toMatchObject({ href: '/flow/login' });
    expect(page.view.secondary.href).toContain('/flow/enrollment');
  });

  it('accepts one for the first account while there is none', async () => {
    const { page } = await reach({ data: { first: true } }, undefined, true, []);
    expect(page.view.challenge.type).toBe('prompt');
  });

  it('accepts one for many uses repeatedly', async () => {
    const { page } = await reach({ singleUse: false, used: 7 });
    expect(page.view.challenge.type).toBe('prompt');
  });

  it.each(['', '?invitation=', '?invitation=a%00b', `?invitation=${'x'.repeat(200)}`])(
    'is required or not: %j',
    async (query) => {
      expect((await reach({}, query)).page.view.text).toEqual({ key: 'invitation.none' });
      expect((await reach({}, query, false)).page.view.challenge.type).toBe('prompt');
    },
  );

  it('fixes the address that it was issued for', async () => {
    const { engine, browser, page } = await reach({ data: { email: 'bob@example.com' } });
    expect(() => fieldOf(page, 'email')).toThrow('no field');
    expect(page.text).toContain('bob@example.com');
    await browser.submit(page, { email: 'evil@example.com' });
    const [plan] = [...engine.plans.all.values()];
    expect(plan?.learned['prompt.email']).toBe('bob@example.com');
    expect(JSON.stringify(plan)).not.toContain('evil');
  });
});
