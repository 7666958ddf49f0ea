/**
 * Second factors of `fake/ann` for stage tests: an app, codes, a passkey, and flows that require
 * them.
 */
import { TOTP } from 'otpauth';
import type { Authenticator } from '../../src/core/people/account.ts';
import { userHandle } from '../../src/core/proof/passkey-proof.ts';
import { recoveryCodeName } from '../../src/core/proof/recovery-code.ts';
import { createPasskeys } from '../../src/passkeys/passkeys.ts';
import { testAuthenticator } from './fake-accounts.ts';
import { fakeVault } from './fakes.ts';
import { type Engine, flowBrowser, type Seen, type StageWords, testFlow } from './flow-fakes.ts';
import type { SoftwareAuthenticator } from './software-authenticator.ts';

/** A sign-in by username and password with one more stage before the session. */
export const loginWith = (stage: StageWords, first: Partial<StageWords> = {}) =>
  testFlow('login', [
    { type: 'identification', ...first },
    { type: 'password' },
    stage,
    { type: 'user_login' },
  ]);

/** A flow of one stage for signed-in users. */
export const setUpWith = (stage: StageWords) =>
  testFlow('setup', [stage], {
    title: 'Set up',
    designation: 'configuration',
    requires: 'session',
  });

/** The code of this authenticator's app, `steps` away from now. */
export function appCode(authenticator: Authenticator, now: number, steps = 0): string {
  const { secret, digits, period } = authenticator.data as {
    readonly secret: string;
    readonly digits: number;
    readonly period: number;
  };
  const timestamp = now + steps * period * 1000;
  return new TOTP({ secret, digits, period }).generate({ timestamp });
}

/** A code that the app does not show, now or one step away. */
export function wrongCode(authenticator: Authenticator, now: number): string {
  const shown = [-1, 0, 1].map((steps) => appCode(authenticator, now, steps));
  return ['000000', '111111', '222222', '333333'].find((code) => !shown.includes(code)) ?? '';
}

/** A stored recovery code, as it is typed `K7QD2M4XRTEHHB0…`. */
export function testRecoveryCode(code: string, changes: Partial<Authenticator> = {}) {
  const userId = changes.userId ?? 'fake/ann';
  const handle = recoveryCodeName(fakeVault(), userId, code) ?? '';
  return testAuthenticator({
    kind: 'recovery_code',
    id: `recovery-${code}`,
    name: '',
    handle,
    data: {},
    ...changes,
  });
}

/** A passkey of a user, created on this device for the portal's host. */
export async function testPasskey(
  device: SoftwareAuthenticator,
  changes: Partial<Authenticator> = {},
): Promise<Authenticator> {
  const rpId = 'auth.example.com';
  const made = await madeFor(device, rpId, changes);
  return { ...made, data: { ...made.data, rpId } };
}

/** A passkey as older releases created them: for the cookie domain, which is not stored with it. */
export function olderPasskey(
  device: SoftwareAuthenticator,
  changes: Partial<Authenticator> = {},
): Promise<Authenticator> {
  const { userId = 'fake/ann' } = changes;
  return madeFor(device, 'example.com', { id: `older-passkey-of-${userId}`, ...changes });
}

async function madeFor(
  device: SoftwareAuthenticator,
  rpId: string,
  changes: Partial<Authenticator>,
): Promise<Authenticator> {
  const userId = changes.userId ?? 'fake/ann';
  const challenge = 'set-up';
  const handle = userHandle(fakeVault(), userId);
  const answer = device.create({ challenge, rp: { id: rpId }, user: { id: handle } });
  const expected = {
    challenge,
    origin: 'https://auth.example.com',
    rpId,
    verified: true,
  };
  const made = await createPasskeys().register(answer, expected);
  if (made === null) throw new Error('no passkey');
  return testAuthenticator({
    kind: 'webauthn',
    id: `passkey-of-${userId}`,
    name: 'Key',
    handle: made.id,
    data: made.data,
    ...changes,
  });
}

/** A field of the page by its name or kind; throws if it is missing. */
// oxlint-disable-next-line typescript/no-explicit-any -- tests read views of any shape
export function fieldOf(page: Seen, name: string): any {
  const fields = page.view.challenge.fields as { readonly name?: string; readonly kind: string }[];
  const field = fields.find((one) => one.name === name || one.kind === name);
  if (field === undefined) throw new Error(`no field ${name} in ${JSON.stringify(fields)}`);
  return field;
}

/** A browser that has reached the stage after the password. */
export async function afterPassword(engine: Engine, ip?: string) {
  const browser = flowBrowser(engine, ip);
  return { browser, page: await browser.signIn() };
}

/** The methods of the session that a browser holds; null without one. */
export async function methodsOf(browser: ReturnType<typeof flowBrowser>) {
  const session = await browser.session();
  return session === null ? null : session.proofs.map((proof) => proof.method);
}

/** The number of tries that `fake/ann` has used by a method, on any device. */
export function triesOf(engine: Engine, method: string): number {
  const keys = [...engine.throttle.counts].filter(([key]) => key.includes(`:${method}:fake/ann`));
  return keys.reduce((sum, [, count]) => sum + count, 0);
}
