/** What policies in flows know of how a run began: only what the server itself determined. */
import { describe, expect, it } from 'vitest';
import { testInvitation } from '../../../test/support/fake-accounts.ts';
import { testUser } from '../../../test/support/fakes.ts';
import {
  type Engine,
  flowBrowser,
  flowEngine,
  type Seen,
  type StageWords,
  swapFlows,
  testFlow,
} from '../../../test/support/flow-fakes.ts';
import { mailedLink } from '../../../test/support/scripted-stage.ts';
import type { PolicySet, Evaluate } from '../../core/policy/policy.ts';
import { stages as real } from '../../stages/index.ts';

const TOKEN = 'abcdefghijklmnop';
const stages = [...real, mailedLink];

/** A policy that passes and records its input. */
function listening() {
  const heard: (string | null)[] = [];
  const evaluate: Evaluate = ({ event }) => {
    heard.push(event);
    return { pass: true, reason: { code: 'heard' } };
  };
  const binding = { negate: false, otherwise: null, expires: null, dryRun: false, needs: [] };
  const gate: PolicySet = {
    match: 'all',
    bindings: [{ ...binding, name: 'ear', evaluate, field: null, at: '', line: '' }],
  };
  return { heard, gate };
}

const STAGES = [
  { type: 'identification' },
  { type: 'mailed_link', other_browser: true },
  { type: 'message', title: 'Hello', text: 'Rules' },
];

function engineOf(steps: readonly StageWords[] = STAGES) {
  const { heard, gate } = listening();
  const flow = { ...testFlow('back', steps, {}, stages), policies: gate };
  const users = [testUser(), testUser({ id: 'fake/bob', name: 'bob', email: 'bob@example.com' })];
  const engine = flowEngine({ flows: [flow], stages, users });
  return { engine, flow, heard };
}

const linkIn = (engine: Engine): string => {
  const url = new URL(engine.emails.all.at(-1)?.values['url'] ?? '');
  return url.pathname + url.search;
};
const typeOf = (seen: Seen): string => seen.view.challenge?.type ?? seen.view.code;

describe('a run', () => {
  it.each([
    '/flow/back',
    '/flow/back?rd=https%3A%2F%2Fwiki.example.com%2F',
    '/flow/back?event=invitation&link=x&invitation=',
    `/flow/back?invitation=${TOKEN}`,
    '/flow/back?invited=forged',
  ])('opened as %s is a visit, whatever its URL says', async (path) => {
    const { engine, heard } = engineOf();
    const browser = flowBrowser(engine);
    await browser.submit(await browser.open(path), { login: 'ann' });
    expect(new Set(heard)).toEqual(new Set(['visit']));
  });

  it('with a valid invitation counts as invited, also once it is spent', async () => {
    const { engine, heard } = engineOf();
    const tokenName = engine.vault.name('invitation', TOKEN);
    await engine.accounts.createInvitation({ ...testInvitation(), tokenName, flow: 'back' });
    const browser = flowBrowser(engine);
    const page = await browser.open(`/flow/back?invitation=${TOKEN}`);
    await engine.accounts.spendInvitation(testInvitation().id, engine.clock.now());
    await browser.submit(page, { login: 'ann' });
    expect(new Set(heard)).toEqual(new Set(['invitation']));
  });

  it.each([
    ['of another flow', { flow: 'join' }],
    ['that has expired', { expiresAt: 1 }],
    ['that was used up', { used: 1 }],
  ])('with an invitation %s is a visit', async (_, changes) => {
    const { engine, heard } = engineOf();
    const tokenName = engine.vault.name('invitation', TOKEN);
    const invitation = { ...testInvitation(), tokenName, flow: 'back', ...changes };
    await engine.accounts.createInvitation(invitation);
    await flowBrowser(engine).open(`/flow/back?invitation=${TOKEN}`);
    expect(new Set(heard)).toEqual(new Set(['visit']));
  });

  it('counts as started by a link once the link is redeemed, not when it is opened', async () => {
    const { engine, heard } = engineOf();
    const browser = flowBrowser(engine);
    await browser.submit(await browser.open('/flow/back'), { login: 'ann' });
    const link = linkIn(engine);
    await browser.open(link.replace(/link=.*/, `link=${'x'.repeat(22)}`));
    expect(new Set(heard)).toEqual(new Set(['visit']));
    const elsewhere = flowBrowser(engine);
    const page = await elsewhere.open(link);
    heard.length = 0;
    const rules = await elsewhere.submit(page);
    expect(typeOf(rules)).toBe('message');
    await elsewhere.submit(rules);
    expect(new Set(heard)).toEqual(new Set(['link']));
  });

  it('that switches to another user is a visit again', async () => {
    const { engine, flow, heard } = engineOf([
      ...STAGES.slice(0, 2),
      { type: 'identification', id: 'again' },
      ...STAGES.slice(2),
    ]);
    swapFlows(engine, [flow]);
    const browser = flowBrowser(engine);
    await browser.submit(await browser.open('/flow/back'), { login: 'ann' });
    const page = await browser.open(linkIn(engine));
    const again = await browser.submit(page);
    expect(typeOf(again)).toBe('identification');
    heard.length = 0;
    const rules = await browser.submit(again, { login: 'bob' });
    expect(typeOf(rules)).toBe('message');
    expect(heard.at(-1)).toBe('visit');
  });
});
