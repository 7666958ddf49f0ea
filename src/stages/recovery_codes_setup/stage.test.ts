import { describe, expect, it } from 'vitest';
import { recoveryCodeName } from '../../core/proof/recovery-code.ts';
import { fieldOf, setUpWith, testRecoveryCode } from '../../../test/support/factors.ts';
import { testAuthenticator } from '../../../test/support/fake-accounts.ts';
import { fakeVault } from '../../../test/support/fakes.ts';
import { flowBrowser, flowEngine, LOGIN } from '../../../test/support/flow-fakes.ts';
import { recoveryCodesSetup } from './stage.ts';

const OLD = 'AAAA-AAAA-AAAA-AAAA';

async function reach(options: Record<string, unknown> = {}) {
  const flow = setUpWith({ type: 'recovery_codes_setup', ...options });
  const engine = flowEngine({ flows: [LOGIN, flow] });
  const mailed = testAuthenticator({ kind: 'email_code', data: { email: 'ann@example.com' } });
  const others = [mailed, testRecoveryCode(OLD, { userId: 'fake/bob', id: 'of-bob' })];
  engine.accounts.all.authenticators = [...others, testRecoveryCode(OLD)];
  const browser = flowBrowser(engine);
  await browser.signIn();
  const page = await browser.open('/flow/setup');
  const codes = fieldOf(page, 'codes').codes as string[];
  return { engine, browser, page, codes, others };
}

const takes = (kept: unknown): boolean =>
  recoveryCodesSetup.submission?.shape.safeParse({ kept }).success ?? false;

describe('recovery_codes_setup', () => {
  it('shows ten unique codes, and says that earlier ones will become invalid', async () => {
    const { page, codes } = await reach();
    expect(codes).toHaveLength(10);
    expect(new Set(codes).size).toBe(10);
    for (const code of codes)
      expect(code).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}$/);
    expect(fieldOf(page, 'alert').text).toEqual({ key: 'recovery_codes_setup.replaces' });
  });

  it('stores their hashes alone, in place of the earlier ones, and not those of another user', async () => {
    const { engine, browser, page, codes, others } = await reach({ count: 6 });
    const end = await browser.submit(page, { kept: 'on' });
    expect(end.location).toBe('https://auth.example.com/');
    const all = engine.accounts.all.authenticators;
    expect(all.slice(0, 2)).toEqual(others);
    const mine = all.slice(2);
    expect(mine.map((one) => one.handle)).toEqual(
      codes.map((code) => recoveryCodeName(fakeVault(), 'fake/ann', code)),
    );
    expect(mine.every((one) => one.name === '' && Object.keys(one.data).length === 0)).toBe(true);
    for (const code of codes)
      expect(JSON.stringify([...engine.plans.all.values()])).not.toContain(code);
  });

  it('changes nothing until they are confirmed as saved, and shows the same ones again', async () => {
    const { engine, browser, page, codes } = await reach();
    const again = await browser.submit(page, {});
    expect(again.view.rejection).toEqual({ key: 'recovery_codes_setup.keep' });
    expect(fieldOf(again, 'codes').codes).toEqual(codes);
    expect(fieldOf(again, 'alert').text).toEqual({ key: 'recovery_codes_setup.replaces' });
    expect(engine.accounts.all.authenticators).toHaveLength(3);
  });

  it('accepts a ticked box from a form and from JSON, and nothing else for one', () => {
    expect([takes('on'), takes(true)]).toEqual([true, true]);
    expect([takes('off'), takes(false), takes(1)]).toEqual([false, false, false]);
  });

  it.each([3, 21, 5.5])('refuses a count of %d', (count) => {
    expect(recoveryCodesSetup.config.safeParse({ count }).success).toBe(false);
  });
});
