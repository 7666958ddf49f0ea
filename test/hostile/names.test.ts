/**
 * No flow reveals which names exist: not by its pages and their headers, nor by emails, nor by its
 * work.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, Client } from '../support/client.ts';
import { testAuthenticator } from '../support/fake-accounts.ts';
import { testUser } from '../support/fakes.ts';
import { flowBrowser, flowEngine, type StageWords, testFlow } from '../support/flow-fakes.ts';
import { type FlowWorld, startFlowWorld } from './flow-world.ts';

const PAGES = ['code', 'link', 'shared', 'recovery', 'passkey', 'login', 'strong'];
/** Names of one length, and others for each flow, since tries are counted by account. */
const KINDS = ['known', 'ended', 'nobod'] as const;
const nameOf = (kind: string, flow: string): string => `${kind}${PAGES.indexOf(flow)}`;

let world: FlowWorld;
beforeAll(async () => {
  const people = PAGES.flatMap((flow) => [nameOf('known', flow), nameOf('ended', flow)]);
  world = await startFlowWorld(people);
  const ended = PAGES.map((flow) => world.run('user', 'disable', nameOf('ended', flow)));
  await Promise.all(ended);
});
afterAll(() => world?.close());

/** Everything in a reply except names and what is random or time-dependent. */
function shape({ status, headers, cookies, location, body }: Answer, name: string): string {
  const { date: _date, 'content-length': length, 'x-request-id': _id, ...told } = headers;
  const text = JSON.stringify({ status, told, cookies, location, body, length });
  return text
    .replaceAll(name, 'NAME')
    .replaceAll(/[A-Za-z0-9_-]{20,}/g, 'RANDOM')
    .replaceAll(/"retry-after":"\d+"|\b\d+ (?:minutes?|seconds?)\b/g, 'A WHILE')
    .replaceAll(/\b[\w-]{12}-[0-9a-z]+\b/g, 'ID');
}

describe('pages', () => {
  it.each(PAGES)(
    'of %s are the same for every name, up to the limit and beyond it',
    async (flow) => {
      const told = new Map<string, string[]>();
      for (const [place, kind] of KINDS.entries()) {
        const client = new Client();
        const name = nameOf(kind, flow);
        const from = { 'x-forwarded-for': `203.0.${PAGES.indexOf(flow)}.${place + 1}` };
        let page = await client.open(`${world.portal}/flow/${flow}`, from);
        const seen: Answer[] = [];
        const wrong = { password: 'not it', code: '000000', instead: '' };
        for (const fields of [{ login: name }, ...Array.from({ length: 7 }, () => wrong)]) {
          const requested = Object.fromEntries(
            Object.entries(fields).filter(([field]) => page.body.includes(`name="${field}"`)),
          );
          const given = 'instead' in requested ? { code: '000000' } : requested;
          const answer = await client.submit(page, given);
          page = answer.location === '' ? answer : await client.open(answer.location, from);
          seen.push(answer, page);
        }
        told.set(
          kind,
          seen.map((answer) => shape(answer, name)),
        );
      }
      expect(told.get('nobod')).toEqual(told.get('known'));
      expect(told.get('nobod')).toEqual(told.get('ended'));
      expect(told.get('nobod')?.at(-1)).toContain('"status":429');
    },
  );

  it('lead to emails only to users who exist and may sign in', () => {
    const to = new Set(world.mail.emails.flatMap((email) => email.to));
    const mailed = PAGES.slice(0, 4).map((flow) => `${nameOf('known', flow)}@example.test`);
    expect([...to].toSorted()).toEqual(mailed);
  });
});

const FLOWS: Readonly<Record<string, readonly StageWords[]>> = {
  login: [{ type: 'password' }],
  'one page': [],
  code: [{ type: 'email_code' }],
  link: [{ type: 'email_link' }],
  recovery: [
    { type: 'email_link' },
    { type: 'prompt', fields: [{ type: 'password', name: 'password' }] },
    { type: 'user_write', fields: { password: 'password' } },
  ],
  'a factor alone': [
    { type: 'authenticator', methods: ['totp', 'recovery_code'], not_configured: 'deny' },
  ],
};

describe('the work', () => {
  it.each(Object.keys(FLOWS))('of %s is the same for every name', async (name) => {
    const traces: unknown[] = [];
    for (const login of ['ann', 'dan', 'nix']) {
      const first = { type: 'identification', with_password: name === 'one page' };
      const flow = testFlow('login', [first, ...(FLOWS[name] ?? []), { type: 'user_login' }]);
      const users = [
        testUser(),
        testUser({ id: 'fake/dan', name: 'dan', email: 'dan@example.com', disabled: true }),
      ];
      const engine = flowEngine({ flows: [flow], users });
      engine.accounts.all.authenticators = [
        testAuthenticator(),
        testAuthenticator({ id: 'of-dan', userId: 'fake/dan' }),
      ];
      const work: string[] = [];
      counted(engine.directory, 'directory', work);
      counted(engine.accounts, 'accounts', work);
      counted(engine.throttle, 'throttle', work);
      const browser = flowBrowser(engine);
      browser.jar.set('__Host-doorward-device', 'A'.repeat(22));
      let page = await browser.open('/flow/login');
      const fields = (): Record<string, string> => {
        const names = page.view.challenge.fields.map((f: { name?: string }) => f.name);
        const all: Record<string, string> = { login, password: 'wrong', code: '000000' };
        return Object.fromEntries(Object.entries(all).filter(([field]) => names.includes(field)));
      };
      const sizes: number[] = [];
      for (let step = 0; step < 4; step += 1) {
        page = await browser.submit(page, fields());
        sizes.push(page.text.length);
      }
      const events = engine.events.all.map((event) => [
        event.type,
        'result' in event ? event.result : null,
      ]);
      traces.push({ sizes, work, events, writes: engine.plans.writes });
    }
    expect(traces[2]).toEqual(traces[0]);
    expect(traces[1]).toEqual(traces[0]);
  });
});

/** Records every call by its name, and forwards it. */
function counted(port: object, name: string, work: string[]): void {
  for (const [key, value] of Object.entries(port)) {
    if (typeof value !== 'function') continue;
    (port as Record<string, unknown>)[key] = (...given: unknown[]): unknown => {
      work.push(`${name}.${key}`);
      return (value as (...args: unknown[]) => unknown).apply(port, given);
    };
  }
}
