/** Failures do not reveal that a username and an email address belong to one account. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client } from '../support/client.ts';
import { type Gateway, PASSWORD, startGateway } from '../support/gateway.ts';

/** Shows another page before the password after three failures, as a captcha would be. */
const LOGIN = `title: Sign in
designation: authentication
stages:
  - { type: identification, by: [username, email] }
  - type: message
    title: Captcha
    text: Solve this
    policies: [{ type: reputation, above: -3, of: account, negate: true }]
  - { type: password, on_invalid: restart_keeping }
  - type: message
    id: inside
    title: Captcha
    text: Solve this too
    policies: [{ type: reputation, above: -3, of: account, negate: true }]
  - { type: user_login }
`;

const LOGOUT = `title: Sign out
designation: invalidation
stages: [{ type: user_logout }]
`;

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway({
    flows: { login: LOGIN, logout: LOGOUT },
    config: () => 'trusted_proxies: [127.0.0.1]\nthrottle: { free: 100 }\n',
  });
});
afterAll(() => gateway.remove());

let place = 0;

/** Submits a login and a password from a new address and browser; returns the stages shown. */
async function stagesOf(login: string, password: string): Promise<readonly string[]> {
  place += 1;
  const client = new Client();
  const url = `${gateway.portal}/api/flow/login`;
  const { portal: origin } = gateway;
  const headers = {
    'x-forwarded-for': `198.51.100.${place}`,
    'content-type': 'application/json',
    origin,
  };
  // oxlint-disable-next-line typescript/no-explicit-any -- tests read replies of any shape
  let json: any = JSON.parse((await client.send(url, { headers })).body);
  const stages: string[] = [];
  for (let steps = 0; steps < 5 && json.done === false; steps += 1) {
    const { seed, plan, csrf, revision, stage } = json;
    stages.push(stage.id);
    if (json.refusal !== undefined) break;
    const answer =
      stage.type === 'identification' ? { login } : stage.type === 'password' ? { password } : {};
    const body = JSON.stringify({ seed, plan, csrf, revision, stage: stage.id, answer });
    json = JSON.parse((await client.send(url, { method: 'POST', headers, body })).body);
  }
  return stages;
}

describe('ENUM-throttle: a captcha after three wrong passwords for a name', () => {
  it('is required for that name but not for the address of the same account, whether or not it exists', async () => {
    const transcript = async (name: string) => {
      const logins = [name, name, name, name.toUpperCase(), `${name}@example.test`];
      const seen: (readonly string[])[] = [];
      for (const login of logins) seen.push(await stagesOf(login, 'not the password'));
      return seen;
    };
    const known = await transcript('alice');
    expect(known[2]).not.toContain('message');
    expect(known[3]).toContain('message');
    expect(known[4]).not.toContain('message');
    expect(known).toEqual(await transcript('nix'));
  });

  it('is required under the other name once the right password is proved', async () => {
    for (let tries = 0; tries < 4; tries += 1) await stagesOf('bob', 'not the password');
    const stages = await stagesOf('bob@example.test', PASSWORD);
    expect(stages).toEqual(['identification', 'password', 'inside']);
  });
});
