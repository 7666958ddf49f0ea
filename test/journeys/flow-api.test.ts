/** The shipped flows as scripts go through them: the same challenges as JSON, the same one winner of twenty. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client } from '../support/client.ts';
import { answerFlow, beginFlow, fieldOf, type Said } from '../support/flow-api.ts';
import { type FlowSite, PASSWORD, startFlowSite } from '../support/flow-site.ts';
import { type Phone, phoneWith } from '../support/phone.ts';
import { softwareAuthenticator } from '../support/software-authenticator.ts';

const TWENTY = Array.from({ length: 20 }, (_, index) => index);
const NEW = { password: 'a new long password', password_repeat: 'a new long password' };

let site: FlowSite;
const portal = (): string => site.gateway.portal;
const deep = (): string => `${site.gateway.app('safe')}/deep/er?x=1&y=%20z`;

/** A script and what a flow said to it last. */
interface Talk {
  readonly client: Client;
  readonly said: Said;
}

const begin = async (client: Client, flow: string, query = {}): Promise<Talk> => ({
  client,
  said: await beginFlow(client, portal(), flow, query),
});
const answer = async ({ client, said }: Talk, given: Record<string, string | boolean>) => ({
  client,
  said: await answerFlow(client, portal(), said, given),
});

/** Name and password given. */
async function named(name: string, password = PASSWORD): Promise<Talk> {
  const asked = await answer(await begin(new Client(), 'login'), { login: name });
  return answer(asked, { password });
}

async function signedIn(name: string, password = PASSWORD): Promise<Client> {
  const talk = await named(name, password);
  expect(talk.said.json).toEqual({ done: true, location: `${portal()}/` });
  return talk.client;
}

/** The challenge of a set-up, which may stand behind a "continue". */
async function opened(client: Client, flow: string): Promise<Talk> {
  const talk = await begin(client, flow);
  return talk.said.json.challenge?.fields.length === 0 ? answer(talk, {}) : talk;
}

async function setUpPhone(client: Client): Promise<Phone> {
  const talk = await opened(client, 'setup-totp');
  const phone = phoneWith(fieldOf(talk.said, 'qr').secret);
  expect((await answer(talk, { code: phone.code() })).said.json.done).toBe(true);
  return phone;
}

describe('the shipped flows, as JSON', { timeout: 60_000 }, () => {
  beforeAll(async () => {
    site = await startFlowSite(['ana', 'ben', 'cem', 'dia', 'eli', 'fay']);
  });
  afterAll(() => site?.close());

  it('need a session where they are about somebody', async () => {
    for (const flow of ['step-up', 'setup-totp', 'setup-passkey', 'password-change']) {
      const { said } = await begin(new Client(), flow);
      expect([said.status, said.json.reason]).toEqual([401, 'session/none']);
      expect(said.json.login_url).toContain('/flow/login');
    }
  });

  it('step up, and lead to the very address', async () => {
    const client = await signedIn('ana');
    const phone = await setUpPhone(client);
    expect((await client.open(deep())).location).toContain('/flow/step-up');
    const asked = await begin(client, 'step-up', { rd: deep() });
    const wrong = await answer(asked, { code: 'ABCDEF' });
    expect([wrong.said.status, wrong.said.json.refusal.code]).toEqual([401, 'totp/wrong']);
    const done = await answer(wrong, { code: phone.code() });
    expect(done.said.json).toEqual({ done: true, location: deep() });
    expect((await client.open(deep())).status).toBe(200);
  });

  it('take a code of an app from one of twenty at once', async () => {
    const phone = await setUpPhone(await signedIn('ben'));
    const talks: Talk[] = [];
    for (const _ of TWENTY) talks.push(await named('ben'));
    const before = await site.sessionsOf('ben');
    const code = phone.code();
    const answers = await Promise.all(talks.map((talk) => answer(talk, { code })));
    expect(answers.filter(({ said }) => said.json.done === true)).toHaveLength(1);
    expect((await site.sessionsOf('ben')) - before).toBe(1);
    const { said } = await answer(await named('ben'), { code });
    expect(said.json.done).not.toBe(true);
  });

  it('take a recovery code once', async () => {
    const client = await signedIn('cem');
    const phone = await setUpPhone(client);
    const asked = await begin(client, 'step-up');
    expect((await answer(asked, { code: phone.code() })).said.json.done).toBe(true);
    const shown = await opened(client, 'setup-recovery-codes');
    const [code] = fieldOf(shown.said, 'codes').codes;
    expect((await answer(shown, {})).said.status).toBe(422);
    const again = await opened(client, 'setup-recovery-codes');
    const [kept] = fieldOf(again.said, 'codes').codes;
    expect((await answer(again, { kept: true })).said.json.done).toBe(true);
    for (const [typed, isRight] of [
      [code, false],
      [kept, true],
      [kept, false],
    ]) {
      const other = await answer(await named('cem'), { way: 'recovery_code' });
      const { said } = await answer(other, { code: typed });
      expect(said.json.done ?? false).toBe(isRight);
    }
  });

  it('set up a passkey, and take it for a second factor', async () => {
    const client = await signedIn('dia');
    const device = softwareAuthenticator({ origin: portal() });
    const shown = await opened(client, 'setup-passkey');
    const { options } = fieldOf(shown.said, 'passkey');
    const made = await answer(shown, { passkey: device.create(options), nickname: 'Key' });
    expect(made.said.json.done).toBe(true);
    const asked = await begin(client, 'step-up', { rd: deep() });
    const forged = device.get(fieldOf(asked.said, 'passkey').options, { forged: true });
    const refused = await answer(asked, { passkey: forged });
    expect([refused.said.status, refused.said.json.refusal.code]).toEqual([401, 'webauthn/wrong']);
    const right = device.get(fieldOf(refused.said, 'passkey').options);
    const done = await answer(refused, { passkey: right });
    expect(done.said.json).toEqual({ done: true, location: deep() });
    expect((await client.open(deep())).status).toBe(200);
  });

  it('change a password, and give it back nowhere', async () => {
    const client = await signedIn('eli');
    const elsewhere = await signedIn('eli');
    const asked = await begin(client, 'password-change');
    const form = await answer(asked, { password: PASSWORD });
    const short = await answer(form, { password: 'short', password_repeat: 'short' });
    expect([short.said.status, fieldOf(short.said, 'password').error]).toEqual([
      422,
      'Use at least 8 characters.',
    ]);
    expect(JSON.stringify(short.said.json)).not.toContain('"short"');
    expect((await answer(short, NEW)).said.json.done).toBe(true);
    const wiki = `${site.gateway.app('wiki')}/`;
    expect((await client.open(wiki)).status).toBe(200);
    expect((await elsewhere.open(wiki)).status).toBe(302);
    expect((await named('eli')).said.status).toBe(401);
    await signedIn('eli', NEW.password);
  });

  it('delete whoever says so, and nobody else', async () => {
    const client = await signedIn('fay');
    const sure = await answer(await begin(client, 'unenrollment'), { password: PASSWORD });
    const unsure = await answer(sure, { name: 'ana' });
    expect(unsure.said.status).toBe(422);
    expect((await answer(unsure, { name: 'fay' })).said.json.done).toBe(true);
    expect((await named('fay')).said.status).toBe(401);
    expect((await site.gateway.run(['user', 'show', 'ana'])).code).toBe(0);
  });

  it('make one account of one invitation, of twenty at once', async () => {
    const invitation = new URL(await site.invite()).searchParams.get('invitation') ?? '';
    const talks = await Promise.all(
      TWENTY.map(async () => {
        const talk = await begin(new Client(), 'enrollment', { invitation });
        return talk.said.json.challenge?.fields.length === 0 ? answer(talk, {}) : talk;
      }),
    );
    const answers = await Promise.all(
      talks.map((talk, index) =>
        answer(talk, { ...NEW, username: `new${index}`, email: `new${index}@example.test` }),
      ),
    );
    const isOn = ({ said }: Talk): boolean => `${said.json.location}`.includes('/flow/login');
    const winners = answers.flatMap((one, index) => (isOn(one) ? [index] : []));
    expect(winners).toHaveLength(1);
    await signedIn(`new${winners[0]}`, NEW.password);
    const listed = await site.gateway.run(['user', 'list', '--json']);
    expect(listed.out.match(/"name":\s*"new\d+"/g)).toHaveLength(1);
    const late = await begin(new Client(), 'enrollment', { invitation });
    const end = late.said.status === 403 ? late : await answer(late, {});
    expect([end.said.status, end.said.json.error]).toEqual([403, 'invitation/spent']);
  });
});
