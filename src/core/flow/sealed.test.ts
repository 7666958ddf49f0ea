import { describe, expect, it } from 'vitest';
import { fakeVault, testSession } from '../../../test/support/fakes.ts';
import type { Session } from '../people/session.ts';
import { openSession, sealSession, sessionIndex } from './sealed.ts';

const vault = fakeVault();
const ticket = { id: 'one', secret: 'secret' };

function sealed(session: Session) {
  const index = sessionIndex(vault, ticket, session);
  return { index, bytes: sealSession(vault, ticket, index, session) };
}

/** The content of the sealed part; the vault of tests keeps no secrets. */
function insideOf(session: Session): unknown[] {
  const [, , text = ''] = JSON.parse(new TextDecoder().decode(sealed(session).bytes)) as string[];
  return JSON.parse(text) as unknown[];
}

describe('a sealed session', () => {
  it.each([
    ['a plain one', {}],
    ['a bound one', { bound: { network: '192.0.2.0/24', country: 'NL' } }],
    ['one of a device', { device: 'device:x' }],
    ['a remembered one', { remembered: true }],
    ['all of it', { bound: { country: 'NL' }, device: 'device:x', remembered: true }],
  ] as const)('opens as it was: %s', (_, changes) => {
    const session = testSession(changes);
    const { index, bytes } = sealed(session);
    expect(openSession(vault, ticket, index, bytes)).toEqual(session);
  });

  it('that is bound has a version that older gateways do not accept', () => {
    expect(insideOf(testSession())[0]).toBe(1);
    expect(insideOf(testSession({ device: 'device:x', remembered: true }))[0]).toBe(1);
    expect(insideOf(testSession({ bound: { network: 'x' } }))[0]).toBe(2);
  });

  it('of an older gateway is unbound and has no device', () => {
    const session = testSession();
    const { index } = sealed(session);
    const secret = JSON.parse(new TextDecoder().decode(sealed(session).bytes)) as string[];
    const text = JSON.stringify([1, [['password', session.createdAt]]]);
    const bytes = vault.seal('session', secret[1] ?? '', text);
    expect(openSession(vault, ticket, index, bytes)).toEqual(session);
  });

  it('of an unknown version does not open', () => {
    const { index, bytes } = sealed(testSession());
    const [purpose = '', secret = '', text = ''] = JSON.parse(
      new TextDecoder().decode(bytes),
    ) as string[];
    const other = vault.seal(purpose, secret, text.replace('[1,', '[3,'));
    expect(openSession(vault, ticket, index, other)).toBeNull();
  });

  it('reveals neither its binding nor its device', () => {
    const { index } = sealed(testSession({ bound: { country: 'NL' }, device: 'device:x' }));
    expect(JSON.stringify(index)).not.toMatch(/NL|device/);
  });
});
