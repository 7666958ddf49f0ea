/**
 * A gateway with the shipped flows before one app, on the embedded directory: `wiki` for whoever is
 * signed in, `safe` for a second factor of the last hour. People are added by the command line.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Answer } from './client.ts';
import { type Gateway, startGateway } from './gateway.ts';
import { type WebApp, startWebApp } from './web-app.ts';

const SHIPPED = join(import.meta.dirname, '../../flows');

/** The password that people of the site begin with. */
export const PASSWORD = 'correct horse battery';

/** As the shipped sign-in, with a second factor for whoever has one. */
const LOGIN = `title: Sign in
designation: authentication
stages:
  - { type: identification }
  - { type: password }
  - { type: authenticator }
  - { type: user_login }
`;

/** One session as the command line lists it. */
interface Listed {
  readonly id: string;
}

/** A site that runs. */
export interface FlowSite {
  readonly gateway: Gateway;
  readonly app: WebApp;
  /** How many sessions somebody has. */
  readonly sessionsOf: (name: string) => Promise<number>;
  /** A link to enrol by. */
  readonly invite: (...options: readonly string[]) => Promise<string>;
  readonly close: () => Promise<void>;
}

/** Starts it and adds the people. `state` as in the configuration. */
export async function startFlowSite(
  people: readonly string[],
  state = 'embedded',
  env: Readonly<Record<string, string>> = {},
): Promise<FlowSite> {
  const app = await startWebApp('app');
  const shipped = readdirSync(SHIPPED).map((file): [string, string] => [
    file.replace('.yaml', ''),
    readFileSync(join(SHIPPED, file), 'utf8'),
  ]);
  const gateway = await startGateway({
    state,
    env,
    directories: '[{ type: embedded }]',
    flows: { ...Object.fromEntries(shipped), login: LOGIN },
    config: () => `session: { cookie_domains: [gw.test] }
routes:
  - { id: wiki, title: Wiki, host: wiki.gw.test, upstream: "http://127.0.0.1:${app.port}" }
  - id: safe
    title: Safe
    host: safe.gw.test
    upstream: http://127.0.0.1:${app.port}
    policies:
      - { type: method, any: [totp, webauthn], within: 1h, otherwise: step-up }
`,
  });
  const run = async (args: readonly string[], stdin = ''): Promise<string> => {
    const ran = await gateway.run(args, stdin);
    if (ran.code !== 0) throw new Error(`doorward ${args.join(' ')}: ${ran.err}`);
    return ran.out;
  };
  await Promise.all(
    people.map((name) =>
      run(['user', 'add', name, '--email', `${name}@example.test`], `${PASSWORD}\n`),
    ),
  );
  return {
    gateway,
    app,
    async sessionsOf(name) {
      const listed = await run(['session', 'list', '--json', '--user', name]);
      return (JSON.parse(listed) as Listed[]).length;
    },
    async invite(...options) {
      return (await run(['invitation', 'create', '--flow', 'enrollment', ...options])).trim();
    },
    async close() {
      await gateway.remove();
      await app.close();
    },
  };
}

/** The secret of an authenticator app as a page shows it for typing. */
export function shownSecret(page: Answer): string {
  return /<code data-keep>([A-Z2-7 ]+)<\/code>/.exec(page.body)?.[1] ?? '';
}

/** Recovery codes as a page shows them. */
export function shownCodes(page: Answer): readonly string[] {
  return [...page.body.matchAll(/<li><code data-keep>([^<]+)<\/code>/g)].map((m) => m[1] ?? '');
}

/** The heading of a page. */
export function headingOf(page: Answer): string {
  return /<h1[^>]*>([\s\S]*?)<\/h1>/.exec(page.body)?.[1]?.trim() ?? `none (${page.status})`;
}

/** Whether an answer brings a ticket. */
export function bringsTicket(answer: Answer): boolean {
  return answer.cookies.some((line) => /^doorward=[^;]/.test(line));
}
