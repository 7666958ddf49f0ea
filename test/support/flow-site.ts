/**
 * A gateway with the shipped flows in front of one app, on the embedded directory: `wiki` for every
 * signed-in user, `desk` with a sign-in that requires a second factor of users who have one, `safe`
 * for a second factor within the last hour, `files` also for tokens. Emails go to its own mail server.
 */
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Gateway, HASH, startGateway } from './gateway.ts';
import { type MailServer, startMailServer, textOf } from './mail-server.ts';
import { CLIENT, type RealProvider, startOidcProvider } from './oidc-provider.ts';
import { freePort } from './ports.ts';
import { startRedis } from './redis.ts';
import { until } from './until.ts';
import { type WebApp, startWebApp } from './web-app.ts';

export { PASSWORD } from './gateway.ts';

const SHIPPED = join(import.meta.dirname, '../../flows');

/** Names of the shipped flows. */
export const SHIPPED_NAMES = readdirSync(SHIPPED).map((file) => file.replace('.yaml', ''));

/** The possible stores. */
export const FLOW_STORES = ['embedded', 'redis'] as const;
export type FlowStore = (typeof FLOW_STORES)[number];

/** As the shipped sign-in, with a second factor for users who have one. */
const WITH_FACTOR = `title: Sign in
designation: authentication
stages:
  - { type: identification }
  - { type: password }
  - { type: authenticator, methods: [webauthn, totp, recovery_code, email_code] }
  - { type: user_login }
`;

/** A running site. */
export interface FlowSite {
  readonly store: FlowStore;
  readonly gateway: Gateway;
  readonly app: WebApp;
  readonly mail: MailServer;
  /** Source `company`, whose unknown accounts enroll. */
  readonly provider: RealProvider;
  /** URL of a flow's page. */
  readonly flow: (name: string) => string;
  /** Front pages of the apps, and a deep URL within the strictest one. */
  readonly wiki: string;
  readonly desk: string;
  readonly files: string;
  readonly deep: string;
  /** The number of a user's sessions. */
  readonly sessionsOf: (name: string) => Promise<number>;
  /** A link to enroll with; `--flow` names another flow than enrollment. */
  readonly invite: (...options: readonly string[]) => Promise<string>;
  /** Text of the next email to an address that was not returned yet; waits for it. */
  readonly emailTo: (address: string) => Promise<string>;
  /** The link for the first administrator from the greeting; waits for it. */
  readonly setUpLink: () => Promise<string>;
  readonly close: () => Promise<void>;
}

/** Starts it and adds the users, with the address `NAME@example.test` and the same password. */
export async function startFlowSite(
  people: readonly string[],
  store: FlowStore = 'embedded',
  directories = '[{ type: embedded }]',
): Promise<FlowSite> {
  const [app, mail, redis] = await Promise.all([
    startWebApp('app'),
    startMailServer(),
    store === 'redis' ? startRedis() : null,
  ]);
  const shipped = SHIPPED_NAMES.map((name) => [
    name,
    readFileSync(join(SHIPPED, `${name}.yaml`), 'utf8'),
  ]);
  const secrets = randomBytes(48).toString('base64');
  const upstream = `upstream: "http://127.0.0.1:${app.port}"`;
  const port = await freePort();
  const gateway = await startGateway({
    state: redis?.url ?? 'embedded',
    env: { DOORWARD_SESSION__SECRETS: secrets },
    directories,
    flows: { ...Object.fromEntries(shipped), 'with-factor': WITH_FACTOR },
    config: () => `session: { cookie_domains: [gw.test] }
sign_up: true
mail: { type: smtp, host: 127.0.0.1, port: ${mail.port}, from: door@gw.test }
sources:
  company:
    type: oidc
    issuer: http://127.0.0.1:${port}
    client_id: ${CLIENT.client_id}
    client_secret: ${CLIENT.client_secret}
    scopes: [openid, profile, email, groups]
    unknown: enrollment-source
    groups: { only: [staff] }
routes:
  - { id: wiki, title: Wiki, host: wiki.gw.test, ${upstream} }
  - { id: desk, title: Desk, host: desk.gw.test, flow: with-factor, ${upstream} }
  - { id: files, title: Files, host: files.gw.test, accepts: [session, bearer], ${upstream} }
  - id: safe
    title: Safe
    host: safe.gw.test
    ${upstream}
    policies:
      - { type: method, any: [totp, webauthn], within: 1h, otherwise: step-up }
`,
  });
  const flow = (name: string): string => `${gateway.portal}/flow/${name}`;
  const redirectUris = ['login', 'with-factor'].map((name) => `${flow(name)}/back`);
  const provider = await startOidcProvider({ port, redirectUris });
  const run = async (args: readonly string[]): Promise<string> => {
    const ran = await gateway.run(args);
    if (ran.code !== 0) throw new Error(`doorward ${args.join(' ')}: ${ran.err}`);
    return ran.out;
  };
  if (people.length > 0) {
    const file = join(gateway.dir, 'people.yaml');
    const lines = people.map(
      (name) =>
        `  ${name}: { displayname: ${name}, email: ${name}@example.test, password: "${HASH}" }\n`,
    );
    writeFileSync(file, `users:\n${lines.join('')}`);
    await run(['user', 'import', file]);
  }
  const read = new Map<string, number>();
  return {
    store,
    gateway,
    app,
    mail,
    provider,
    flow,
    wiki: `${gateway.app('wiki')}/`,
    desk: `${gateway.app('desk')}/`,
    files: `${gateway.app('files')}/`,
    deep: `${gateway.app('safe')}/deep/er?x=1&y=%20z`,
    async sessionsOf(name) {
      const listed = await run(['session', 'list', '--json', '--user', name]);
      return (JSON.parse(listed) as readonly unknown[]).length;
    },
    async invite(...options) {
      return (await run(['invitation', 'create', '--flow', 'enrollment', ...options])).trim();
    },
    async emailTo(address) {
      const index = read.get(address) ?? 0;
      read.set(address, index + 1);
      const sent = () => mail.emails.filter(({ to }) => to.includes(address))[index];
      await until(`email ${index + 1} to ${address}`, () => sent() !== undefined);
      return textOf(sent() as NonNullable<ReturnType<typeof sent>>).replaceAll('\r', '');
    },
    async setUpLink() {
      const told = () => /^ *Set up +(\S+)/m.exec(gateway.output())?.[1];
      await until('the link for the first administrator', () => told() !== undefined);
      return told() ?? '';
    },
    async close() {
      await gateway.remove();
      await Promise.all([app.close(), mail.close(), provider.stop(), redis?.stop()]);
    },
  };
}

/** A journey on a separate site that has no users yet. */
export async function onFreshSite(
  store: FlowStore,
  journey: (site: FlowSite) => Promise<void>,
): Promise<void> {
  const fresh = await startFlowSite([], store);
  try {
    await journey(fresh);
  } finally {
    await fresh.close();
  }
}

/** The digits in an email. */
export function codeIn(email: string): string {
  return /^\d{6}$/m.exec(email)?.[0] ?? '';
}

/** The link in an email. */
export function linkIn(email: string): string {
  return /^http:\S+$/m.exec(email)?.[0] ?? '';
}
