/**
 * Flows with every kind of proof before one portal: codes, links, invitations, recovery. One
 * gateway with its own state, or two that share a Redis server and a folder and take connections in
 * turn.
 */
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { type Answer, Client } from '../support/client.ts';
import { type Gateway, HASH, PASSWORD, spawnGateway, startGateway } from '../support/gateway.ts';
import { type MailServer, startMailServer, textOf } from '../support/mail-server.ts';
import { startRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';

const flow = (designation: string, requires: string, stages: readonly string[]): string =>
  `title: A flow\ndesignation: ${designation}\nrequires: ${requires}\nstages:\n${stages.map((stage) => `  - { ${stage} }\n`).join('')}`;
const signIn = (...between: readonly string[]): string =>
  flow('authentication', 'anyone', ['type: identification', ...between, 'type: user_login']);
const NEW_PASSWORD = 'type: prompt, fields: [{ type: password, name: password }]';
const newUser = (group: string): string =>
  flow('enrollment', 'anonymous', [
    'type: invitation',
    'type: prompt, fields: [{ type: username, name: username }, { type: email, name: email }, { type: password, name: password }]',
    `type: user_write, create: always, groups: [${group}], fields: { name: username, email: email, password: password }`,
    'type: redirect, flow: login',
  ]);

const METHODS = 'methods: [totp, recovery_code, email_code]';
const FLOWS = {
  login: signIn('type: password', `type: authenticator, ${METHODS}`),
  code: signIn('type: email_code'),
  link: signIn('type: email_link'),
  shared: signIn('type: email_link, other_browser: true'),
  recovery: flow('recovery', 'anyone', [
    'type: identification',
    'type: email_link',
    NEW_PASSWORD,
    'type: user_write, fields: { password: password }',
    'type: user_login',
  ]),
  'step-up': flow('authorization', 'session', [
    `type: authenticator, ${METHODS}, not_configured: deny`,
    'type: user_login',
  ]),
  outside: signIn(
    'type: password',
    'type: message, id: far, title: From far away, text: Who are you, policies: [{ type: network, any: [10.0.0.0/8], negate: true }]',
  ),
  welcome: flow('configuration', 'anyone', [
    'type: message, title: Welcome, text: Go on',
    'type: redirect, flow: login',
  ]),
  logout: flow('invalidation', 'anyone', ['type: user_logout']),
  'setup-totp': flow('configuration', 'fresh', ['type: totp_setup']),
  'setup-codes': flow('configuration', 'fresh', [
    `type: authenticator, ${METHODS}`,
    'type: recovery_codes_setup',
  ]),
  'setup-mail': flow('configuration', 'fresh', [
    `type: authenticator, ${METHODS}`,
    'type: email_code_setup',
  ]),
  'setup-passkey': flow('configuration', 'fresh', ['type: webauthn_setup']),
  passkey: signIn('type: password').replace('identification', 'identification, passkey: true'),
  strong: signIn(
    'type: password',
    'type: authenticator, methods: [webauthn], user_verification: required, not_configured: deny',
  ),
  weak: signIn(
    'type: password',
    'type: authenticator, methods: [webauthn], user_verification: discouraged, not_configured: deny',
  ),
  profile: flow('configuration', 'session', [
    'type: password',
    'type: prompt, fields: [{ type: email, name: email }]',
    'type: user_write, fields: { email: email }',
  ]),
  leave: flow('unenrollment', 'session', ['type: password', 'type: user_delete']),
  guest: newUser('guests'),
  staff: newUser('staff'),
};

/** A flow's reply to a script. */
export interface Reply {
  readonly client: Client;
  readonly answer: Answer;
  readonly status: number;
  // oxlint-disable-next-line typescript/no-explicit-any -- tests read replies of any shape
  readonly json: any;
}

/** The running world. */
export interface FlowWorld {
  /** The first gateway; commands run on its folder. */
  readonly gateway: Gateway;
  readonly portal: string;
  readonly mail: MailServer;
  readonly run: (...args: readonly string[]) => Promise<string>;
  /** Opens a flow at the JSON endpoint, from a new address. */
  readonly begin: (flow: string, client?: Client, query?: string) => Promise<Reply>;
  /** Submits the next input, from a new address unless one is given. */
  readonly reply: (reply: Reply, answer: object, more?: object, from?: string) => Promise<Reply>;
  /**
   * Submits name and password to `login` by default; a user with second factors is then asked for
   * one.
   */
  readonly named: (name: string, password?: string, flow?: string) => Promise<Reply>;
  /** Text of the next email to a user that was not returned yet; waits for it. */
  readonly emailTo: (name: string) => Promise<string>;
  /** The number of emails to a user so far. */
  readonly emailsTo: (name: string) => number;
  readonly sessionsOf: (name: string) => Promise<number>;
  readonly close: () => Promise<void>;
}

/** Starts it; users have the usual password and the address `NAME@example.test`. */
export async function startFlowWorld(
  people: readonly string[],
  { replicas = 1, throttle = '{ free: 5 }' }: { replicas?: 1 | 2; throttle?: string } = {},
): Promise<FlowWorld> {
  const mail = await startMailServer();
  const redis = replicas === 2 ? await startRedis() : null;
  const turns = await startTurns();
  const gateways: Gateway[] = [];
  const env = { DOORWARD_SESSION__SECRETS: randomBytes(48).toString('base64') };
  for (let i = 0; i < replicas; i += 1) {
    const first = gateways[0];
    const shared = first === undefined ? {} : { DOORWARD_DATA_DIR: join(first.dir, 'data') };
    // Two replicas share nothing but their stores, so the second one has a process of its own.
    const start = first === undefined ? startGateway : spawnGateway;
    const gateway = await start({
      publicPort: turns.port,
      directories: '[{ type: embedded }]',
      flows: FLOWS,
      env: { ...env, ...shared },
      ...(redis === null ? {} : { state: redis.url }),
      config: () => `trusted_proxies: [127.0.0.1]
throttle: ${throttle}
mail: { type: smtp, host: 127.0.0.1, port: ${mail.port}, from: door@gw.test }
`,
    });
    gateways.push(gateway);
    turns.to.push(gateway.port);
  }
  const [gateway] = gateways as [Gateway];
  const run = async (...args: readonly string[]): Promise<string> => {
    const ran = await gateway.run(args);
    if (ran.code !== 0) throw new Error(`doorward ${args.join(' ')}: ${ran.err}`);
    return ran.out;
  };
  const file = join(gateway.dir, 'people.yaml');
  const lines = people.map(
    (name) =>
      `  ${name}: { displayname: ${name}, email: ${name}@example.test, password: "${HASH}" }\n`,
  );
  writeFileSync(file, `users:\n${lines.join('')}`);
  await run('user', 'import', file);

  const { portal } = gateway;
  let place = 0;
  const headers = (): Record<string, string> => {
    place += 1;
    return {
      'x-forwarded-for': `198.51.${Math.floor(place / 250)}.${(place % 250) + 1}`,
      'content-type': 'application/json',
      origin: portal,
    };
  };
  const heard = (client: Client, answer: Answer): Reply => {
    const json: unknown = answer.body.startsWith('{') ? JSON.parse(answer.body) : null;
    return { client, answer, status: answer.status, json };
  };
  const world: Omit<FlowWorld, 'close'> = {
    gateway,
    portal,
    mail,
    run,
    async begin(name, client = new Client(), query = '') {
      const url = `${portal}/api/flow/${name}?as=other${query}`;
      return heard(client, await client.send(url, { headers: headers() }));
    },
    async reply({ client, json }, answer, more = {}, from?: string) {
      const { flow: of, seed, plan, csrf, revision, stage } = json;
      const back = { seed, plan, csrf, revision, stage: stage?.id, answer, ...more };
      const url = `${portal}/api/flow/${of.name}`;
      const body = JSON.stringify(back);
      const sent = from === undefined ? headers() : { ...headers(), 'x-forwarded-for': from };
      return heard(client, await client.send(url, { method: 'POST', headers: sent, body }));
    },
    async named(name, password = PASSWORD, of = 'login') {
      const question = await world.reply(await world.begin(of), { login: name });
      return world.reply(question, { password });
    },
    async emailTo(name) {
      const index = read.get(name) ?? 0;
      read.set(name, index + 1);
      await until(`email ${index + 1} to ${name}`, () => world.emailsTo(name) > index);
      const email = mail.emails.filter(({ to }) => to.includes(addressOf(name)))[index];
      return email === undefined ? '' : textOf(email).replaceAll('\r', '');
    },
    emailsTo: (name) => mail.emails.filter(({ to }) => to.includes(addressOf(name))).length,
    async sessionsOf(name) {
      const listed = await run('session', 'list', '--json', '--user', name);
      return (JSON.parse(listed) as readonly unknown[]).length;
    },
  };
  const read = new Map<string, number>();
  return {
    ...world,
    async close() {
      for (const one of gateways.toReversed()) await one.remove();
      await turns.close();
      await mail.close();
      await redis?.stop();
    },
  };
}

const addressOf = (name: string): string => `${name}@example.test`;

/** The six digits in an email. */
export function codeOf(email: string): string {
  return /^\d{6}$/m.exec(email)?.[0] ?? `none in ${email}`;
}

/** The link in an email. */
export function linkOf(email: string): string {
  return /^http:\S+$/m.exec(email)?.[0] ?? `none in ${email}`;
}

/** Forwards each connection to the next of the ports. */
async function startTurns() {
  const to: number[] = [];
  let next = 0;
  const server: Server = createServer((socket) => {
    const port = to[(next += 1) % to.length] ?? 0;
    const onward = connect(port, '127.0.0.1');
    // A close from either side closes both.
    socket.on('error', () => onward.destroy());
    onward.on('error', () => socket.destroy());
    socket.pipe(onward).pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = (): Promise<void> => new Promise((resolve) => server.close(() => resolve()));
  return { port: (server.address() as AddressInfo).port, to, close };
}
