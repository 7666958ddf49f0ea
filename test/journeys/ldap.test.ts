/** Users of a real slapd sign in, with Doorward as the proxy in front of an app. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Client } from '../support/client.ts';
import { type Gateway, PASSWORD, startGateway } from '../support/gateway.ts';
import { createPeople, dnOf, optionsFor } from '../support/ldap-people.ts';
import { isLeftOut } from '../support/packages.ts';
import { type Slapd, startSlapd } from '../support/slapd.ts';
import { until } from '../support/until.ts';
import { startWebApp, type WebApp } from '../support/web-app.ts';

const ANN = {
  name: 'ann',
  displayName: 'Ann Example',
  email: 'ann@example.com',
  groups: ['staff'],
  attributes: { department: 'legal' },
  password: 'correct horse',
};

describe.skipIf(isLeftOut('slapd'))('LDAP (unless left out by DOORWARD_TEST_WITHOUT)', () => {
  let server: Slapd;
  let people: ReturnType<typeof createPeople>;
  let app: WebApp;
  let gateway: Gateway;

  beforeAll(async () => {
    server = await startSlapd();
    people = createPeople(server, 'openldap');
    await people.put([ANN]);
    app = await startWebApp('app');
    // A second is the shortest time for which users are served without asking the server.
    const options = optionsFor(server, 'openldap', { type: 'ldap', fresh_for: '1s' });
    gateway = await startGateway({
      directories: `[{ type: file, path: users.yaml }, ${JSON.stringify(options)}]`,
      config: () => `session: { cookie_domains: [gw.test] }
throttle: { free: 1000 }
identity: { headers: { Remote-User: user.name, Remote-Groups: user.groups, Remote-Email: user.email, X-Department: user.attributes.department } }
routes:
  - id: wiki
    host: wiki.gw.test
    upstream: "http://127.0.0.1:${app.port}"
    policies: [{ type: group, any: [staff] }]
    paths:
      - { path: /public/**, public: true }
`,
    });
  });
  afterAll(async () => {
    await gateway?.remove();
    await Promise.all([app?.close(), server?.stop()]);
  });
  beforeEach(async () => {
    await people.put([ANN]);
    await untilSignedIn();
  });

  const signedIn = async (name: string, password: string): Promise<Client> => {
    const client = new Client();
    const page = await client.signIn(`${gateway.app('wiki')}/`, name, password);
    expect(page.status).toBe(200);
    return client;
  };
  const statusFor = async (client: Client, path = '/'): Promise<number> =>
    (await client.open(`${gateway.app('wiki')}${path}`)).status;
  /** A change to ann is known to the gateway within a second. */
  const untilSignedIn = async (): Promise<Client> => {
    let client = new Client();
    await until('ann can sign in', async () => {
      client = new Client();
      const page = await client.signIn(`${gateway.app('wiki')}/`, 'ann', ANN.password);
      return page.status === 200 && (await statusFor(client)) === 200;
    });
    return client;
  };
  const untilStatus = (client: Client, status: number): Promise<void> =>
    until(`the app answers ${status}`, async () => (await statusFor(client)) === status);

  it('a user signs in, and the app sees name, groups, address and attributes', async () => {
    const ann = await signedIn('Ann', ANN.password);
    expect(await statusFor(ann)).toBe(200);
    const seen = app.seen.at(-1);
    const headers = ['Remote-User', 'Remote-Groups', 'Remote-Email', 'X-Department'];
    expect(headers.map((name) => seen?.values(name))).toEqual([
      ['ann'],
      ['staff'],
      ['ann@example.com'],
      ['legal'],
    ]);
    await signedIn('ann@example.com', ANN.password);
  });

  it('a wrong password, an empty one and an unknown name look the same', async () => {
    for (const [name, password] of [
      ['ann', 'wrong'],
      ['ann', '*'],
      ['nobody', ANN.password],
      ['*', ANN.password],
    ] as const) {
      const client = new Client();
      const page = await client.signIn(`${gateway.app('wiki')}/`, name, password);
      expect(page.body).toContain('Wrong username or password');
      expect(await statusFor(client)).toBe(302);
    }
  });

  it('a removed group takes effect without a new sign-in, and so does one that is given back', async () => {
    const ann = await signedIn('ann', ANN.password);
    await people.put([{ ...ANN, groups: [] }]);
    await untilStatus(ann, 403);
    await people.put([ANN]);
    await untilStatus(ann, 200);
    expect(app.seen.at(-1)?.values('Remote-Groups')).toEqual(['staff']);
  });

  it('a disabled or deleted user is signed out for good', async () => {
    const [first, second] = [
      await signedIn('ann', ANN.password),
      await signedIn('ann', ANN.password),
    ];
    await people.put([{ ...ANN, disabled: true }]);
    await untilStatus(first, 302);
    await people.put([ANN]);
    const third = await untilSignedIn();
    expect(await statusFor(first)).toBe(302);
    expect(await statusFor(second)).toBe(302);
    await server.modify(`dn: ${dnOf('ann')}\nchangetype: delete`);
    await untilStatus(third, 302);
    // Another user with the same name.
    await server.modify(
      `dn: ${dnOf('ann')}\nobjectClass: inetOrgPerson\nuid: ann\ncn: ann\nsn: ann\nuserPassword: ${ANN.password}`,
    );
    expect(await statusFor(await untilSignedIn())).toBe(200);
    expect(await statusFor(third)).toBe(302);
  });

  it('while the server is away, its users get 503, and only they', async () => {
    const ann = await signedIn('ann', ANN.password);
    const carol = await signedIn('carol', PASSWORD);
    await server.kill();
    try {
      await untilStatus(ann, 503);
      expect(await statusFor(ann)).toBe(503);
      expect(await statusFor(ann, '/public/')).toBe(200);
      expect(await statusFor(carol)).toBe(200);
      expect((await fetch(`http://127.0.0.1:${gateway.adminPort}/readyz`)).status).toBe(200);
      const late = await new Client().signIn(`${gateway.app('wiki')}/`, 'carol', PASSWORD);
      expect(late.status).toBe(200);
      const checked = await gateway.run(['check']);
      expect([checked.code, checked.err]).toEqual([
        0,
        expect.stringMatching(/warning: directories\[1\]: .*: refused: /),
      ]);
    } finally {
      await server.start();
    }
    // The same session.
    await untilStatus(ann, 200);
  });

  it('commands know the user', async () => {
    const shown = await gateway.run(['user', 'show', 'ann', '--json']);
    expect(JSON.parse(shown.out)).toMatchObject({ name: 'ann', groups: ['staff'] });
    const url = `${gateway.app('wiki')}/`;
    const explained = await gateway.run(['explain', '--url', url, '--user', 'ann']);
    expect([explained.code, explained.out]).toEqual([
      0,
      expect.stringContaining('ann of ldap (staff)'),
    ]);
    const checked = await gateway.run(['check']);
    expect(checked.err).not.toContain('directories[1]');
  });
});
