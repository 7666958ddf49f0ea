import { describe, expect, it } from 'vitest';
import type { Problem } from '../../core/values/problem.ts';
import { createPasswordChange } from './password-change.ts';
import type { Connection } from './protocol/connection.ts';
import type { Result } from './protocol/messages.ts';
import { PASSWORD_POLICY } from './protocol/requests.ts';

/** The control with an error of the password policy. */
const policy = (error: number): Pick<Result, 'controls'> => ({
  controls: new Map([[PASSWORD_POLICY, Buffer.from([0x30, 3, 0x81, 1, error])]]),
});

/** Changes a password on a server with this answer. */
async function changed(answer: () => Promise<Partial<Result>>) {
  const calls: string[] = [];
  const connection: Pick<Connection, 'setPassword' | 'close'> = {
    async setPassword(dn, password, by) {
      calls.push(`${by} ${dn} ${password}`);
      return { code: 0, text: '', controls: new Map(), ...(await answer()) };
    },
    close: () => void calls.push('close'),
  };
  const change = createPasswordChange({
    name: 'corp',
    operation: 'modify_password',
    prepare: async () => void calls.push('bound'),
    servers: {
      async connect(prepare) {
        await prepare?.(connection as Connection);
        return {
          connection: connection as Connection,
          worked: () => void calls.push('worked'),
          failed: () => void calls.push('failed'),
        };
      },
    },
  });
  const problem = await change('cn=ann', 'walnut').then(
    () => null,
    (caught: Problem) => caught,
  );
  return { calls, result: problem === null ? null : [problem.code, problem.status] };
}

describe('a password on an LDAP server', () => {
  it('is changed once, as the account that searches', async () => {
    const { calls, result } = await changed(async () => ({}));
    expect(result).toBeNull();
    expect(calls).toEqual(['bound', 'modify_password cn=ann walnut', 'worked', 'close']);
  });

  it.each<[string, Partial<Result>, string, number]>([
    ['too short', { code: 19, ...policy(6) }, 'password/short', 409],
    ['weak', { code: 19, ...policy(5) }, 'password/weak', 409],
    ['used before', { code: 19, ...policy(8) }, 'password/used', 409],
    ['changed too recently', { code: 19, ...policy(7) }, 'password/recent', 409],
    ['refused without a control', { code: 19 }, 'password/refused', 409],
    [
      'refused by Active Directory',
      { code: 53, text: '0000052D: SvcErr: DSID-031A1248' },
      'password/refused',
      409,
    ],
    [
      'refused for another reason',
      { code: 53, text: '0000001F: SvcErr' },
      'directory/refused',
      503,
    ],
    ['not allowed', { code: 50 }, 'directory/refused', 503],
    ['not supported', { code: 2 }, 'directory/refused', 503],
    ['on a replica', { code: 10 }, 'directory/refused', 503],
    ['on a busy server', { code: 51 }, 'directory/unavailable', 503],
  ])('that is %s is a problem', async (_, answer, code, status) => {
    const { calls, result } = await changed(async () => answer);
    expect(result).toEqual([code, status]);
    expect(calls.slice(1)).toEqual(['modify_password cn=ann walnut', 'worked', 'close']);
  });

  it('that gets no answer is not sent again', async () => {
    const { calls, result } = await changed(() => Promise.reject(new Error('no answer in time')));
    expect(result).toEqual(['directory/unavailable', 503]);
    expect(calls).toEqual(['bound', 'modify_password cn=ann walnut', 'failed', 'close']);
  });
});
