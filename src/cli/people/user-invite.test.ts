/** `doorward user invite`: prints the link, or sends it. */
import { describe, expect, it } from 'vitest';
import { fakeAccounts } from '../../../test/support/fake-accounts.ts';
import { testUser } from '../../../test/support/fakes.ts';
import { testSnapshot } from '../../../test/support/snapshot.ts';
import { doorward, FLOW, users } from '../../../test/support/terminal.ts';
import type { Email } from '../../core/flow/mail.ts';
import { Problem } from '../../core/values/problem.ts';

const invited = (name: string) => ({
  ...FLOW,
  name,
  stages: FLOW.stages.map((stage) => ({ ...stage, stage: { type: 'invitation' } as never })),
});
const withFlows = (...names: string[]) => ({
  ...testSnapshot(),
  flows: new Map([['login', FLOW], ...names.map((name) => [name, invited(name)] as const)]),
});
const snapshot = withFlows('join', 'enrollment', 'welcome');
const { origin } = snapshot.site;

/** A mail server that takes nothing. */
const refusing = async () => ({
  send: () => Promise.reject(new Problem('mail/unavailable', 'No server.')),
  close: async () => undefined,
});

describe('user invite', () => {
  it('prints a link that works once, for this address and these groups', async () => {
    const accounts = fakeAccounts();
    const ran = await doorward('user invite new@example.com --group staff --attribute k=v', {
      snapshot,
      accounts,
    });
    expect(ran).toEqual({
      code: 0,
      out: `${origin}/flow/join?invitation=t1\n`,
      err: 'it2: valid once until 2026-11-30 12:00 UTC; the link is not shown again\n',
    });
    expect(accounts.all.invitations).toMatchObject([
      {
        flow: 'join',
        singleUse: true,
        note: 'new@example.com',
        data: { email: 'new@example.com', groups: ['staff'], attributes: { k: 'v' } },
      },
    ]);
  });

  it.each([
    ['--flow welcome', 'welcome', snapshot],
    ['', 'enrollment', withFlows('enrollment')],
  ])('opens the flow that is named, or one that works here: %s', async (words, flow, among) => {
    const line = `user invite new@example.com ${words}`.trim();
    const { out } = await doorward(line, { snapshot: among });
    expect(out).toBe(`${origin}/flow/${flow}?invitation=t1\n`);
  });

  it('sends the link and does not print it', async () => {
    const sent: Email[] = [];
    const send = async (email: Email) => void sent.push(email);
    const openMail = async () => ({ send, close: async () => undefined });
    const ran = await doorward('user invite new@example.com --mail --language de', {
      snapshot,
      context: { openMail },
    });
    expect(ran.code).toBe(0);
    expect(ran.out).toBe('it2: sent to new@example.com, valid once until 2026-11-30 12:00 UTC\n');
    expect(ran.out + ran.err).not.toContain('t1');
    const link = `${origin}/flow/join?invitation=t1`;
    expect(sent).toMatchObject([
      { to: 'new@example.com', template: 'invitation', language: 'de', values: { link } },
    ]);
  });

  it('leaves no invitation behind that could not be sent', async () => {
    const accounts = fakeAccounts();
    const setting = { snapshot, accounts, context: { openMail: refusing } };
    const ran = await doorward('user invite new@example.com --mail', setting);
    expect([ran.code, accounts.all.invitations]).toEqual([1, []]);
    const none = await doorward('user invite new@example.com --mail', { snapshot, accounts });
    expect([none.code, accounts.all.invitations]).toEqual([1, []]);
  });

  it.each([
    ['an address of a user', 'ann@example.com', 1],
    ['what is no address', 'new@example.com\u2028', 2],
    ['two addresses', 'a@x.test,b@x.test', 2],
    ['a flow without invitations', 'new@example.com --flow login', 1],
    ['no time', 'new@example.com --expires soon', 2],
    ['no language', 'new@example.com --language ../de', 2],
  ])('refuses %s', async (_, words, code) => {
    const accounts = fakeAccounts();
    const people = users(testUser());
    const ran = await doorward(`user invite ${words}`, { snapshot, accounts, people });
    expect([ran.code, ran.out, accounts.all.invitations]).toEqual([code, '', []]);
  });
});
