/**
 * Sign-ups from an attacker's view: races for one account, the address of another user, addresses that
 * are taken, and floods of email. On both stores, with real emails.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, Client } from '../support/client.ts';
import { answer, begin, type Talk } from '../support/flow-api.ts';
import { bringsTicket, CHOSEN, signedIn } from '../support/flow-pages.ts';
import { codeIn, FLOW_STORES, type FlowSite, linkIn, startFlowSite } from '../support/flow-site.ts';

const FIFTY = Array.from({ length: 50 }, (_, index) => index);

/** What a page shows and sends, without the address on it and without random values. */
function shape({ status, headers, body }: Answer, address: string): string {
  const nothing = { 'set-cookie': '', date: '', 'x-request-id': '' };
  return JSON.stringify({ status, headers: { ...headers, ...nothing }, body })
    .replaceAll(address, 'ADDRESS')
    .replaceAll(/[A-Za-z0-9_-]{20,}/g, 'RANDOM')
    .replaceAll(/\b[\w-]{12}-[0-9a-z]+\b/g, 'ID');
}

describe.each(FLOW_STORES)('sign-ups, with the state %s', (store) => {
  let site: FlowSite;
  beforeAll(async () => {
    site = await startFlowSite(['ann'], store);
  });
  afterAll(() => site?.close());

  /** A run that has sent its email. */
  async function requested(username: string, email: string, client = new Client()): Promise<Talk> {
    const form = await begin(site.gateway.portal, client, 'sign-up');
    return answer(form, { ...CHOSEN, username, email });
  }
  /** The page that asks for the code. */
  async function page(username: string, email: string, client = new Client()) {
    const form = await client.follow(site.flow('sign-up'));
    return { client, page: await client.submitAndFollow(form, { ...CHOSEN, username, email }) };
  }
  async function names(): Promise<readonly string[]> {
    const { out } = await site.gateway.run(['user', 'list', '--json']);
    return (JSON.parse(out) as readonly { readonly name: string }[]).map(({ name }) => name);
  }

  it('one code creates one user and one session, of fifty concurrent submissions', async () => {
    const { client, page: question } = await page('cem', 'cem@gw.test');
    const code = codeIn(await site.emailTo('cem@gw.test'));
    const answers = await Promise.all(FIFTY.map(() => client.submit(question, { code })));
    expect(answers.some(bringsTicket)).toBe(true);
    expect(await site.sessionsOf('cem')).toBe(1);
    expect((await names()).filter((name) => name === 'cem')).toHaveLength(1);
    expect((await client.open(site.wiki)).status).toBe(200);
  });

  it('of users who register one address at once, one gets it', async () => {
    const talks: Talk[] = [];
    const codes: string[] = [];
    for (const name of ['dora', 'dana', 'dina']) {
      talks.push(await requested(name, 'dd@gw.test'));
      codes.push(codeIn(await site.emailTo('dd@gw.test')));
    }
    const ends = await Promise.all(
      talks.map((talk, index) => answer(talk, { code: codes[index] ?? '' })),
    );
    expect(ends.filter(({ reply }) => reply.json.done === true)).toHaveLength(1);
    expect((await names()).filter((name) => name.startsWith('d'))).toHaveLength(1);
  });

  it('of users who register one name at once, one gets it', async () => {
    const talks = await Promise.all(
      FIFTY.slice(0, 8).map((index) => requested('eve', `e${index}@gw.test`)),
    );
    const codes = await Promise.all(
      talks.map(async (_, index) => codeIn(await site.emailTo(`e${index}@gw.test`))),
    );
    const ends = await Promise.all(
      talks.map((talk, index) => answer(talk, { code: codes[index] ?? '' })),
    );
    expect(ends.filter(({ reply }) => reply.json.done === true)).toHaveLength(1);
    const refused = ends.filter(({ reply }) => reply.json.done !== true);
    expect(new Set(refused.map(({ reply }) => [reply.status, reply.json.error].join()))).toEqual(
      new Set(['409,user/exists']),
    );
  });

  it('the address of another user gives an attacker no account, and takes nothing from its owner', async () => {
    const attack = await page('mallory', 'fay@gw.test');
    const email = await site.emailTo('fay@gw.test');
    const owner = new Client();
    const link = linkIn(email);
    for (const _ of [1, 2]) expect((await owner.open(link)).status).toBe(403);
    expect(await names()).not.toContain('mallory');
    const mine = await page('fay', 'fay@gw.test', owner);
    // A code belongs to the run that sent it.
    const crossed = await owner.submitAndFollow(mine.page, { code: codeIn(email) });
    expect(crossed.body).toContain('is wrong or has expired');
    const code = codeIn(await site.emailTo('fay@gw.test'));
    await owner.submitAndFollow(crossed, { code });
    await signedIn(site, 'fay', CHOSEN.password);
    const late = await attack.client.submit(attack.page, { code: codeIn(email) });
    expect([late.status, bringsTicket(late)]).toEqual([409, false]);
    expect(await names()).not.toContain('mallory');
  });

  it('a taken address gets the page of a free one, and its owner the email', async () => {
    const taken = await page('gus', 'ANN@example.test');
    const free = await page('gus', 'ULI@example.test');
    expect(shape(taken.page, 'ANN@example.test')).toBe(shape(free.page, 'ULI@example.test'));
    const wrong = { code: '000000x' };
    const [one, two] = [
      await taken.client.submitAndFollow(taken.page, wrong),
      await free.client.submitAndFollow(free.page, wrong),
    ];
    expect(shape(one, 'ANN@example.test')).toBe(shape(two, 'ULI@example.test'));
    const told = await site.emailTo('ANN@example.test');
    expect(told).toContain('You already have one: ann.');
    expect([codeIn(told), told.includes('http')]).toEqual(['', false]);
  });

  it('an address typed as a username does not reveal whose it is', async () => {
    const bodies: string[] = [];
    for (const username of ['ann@example.test', 'uli@example.test']) {
      const { page: again } = await page(username, 'hal@gw.test');
      bodies.push(shape(again, username));
    }
    expect(bodies[0]).toBe(bodies[1]);
    expect(bodies[0]).toContain('Use a name without @');
  });

  it('a mailbox is not flooded, whatever the page says', async () => {
    const pages: string[] = [];
    for (const index of FIFTY.slice(0, 8)) {
      const { page: sent } = await page(`ida${index}x`, 'ida@gw.test');
      pages.push(shape(sent, 'ida@gw.test'));
    }
    expect(new Set(pages).size).toBe(1);
    // Emails are sent in order, so this one is the last.
    await page('ivy', 'ivy@gw.test');
    await site.emailTo('ivy@gw.test');
    expect(site.mail.emails.filter(({ to }) => to.includes('ida@gw.test'))).toHaveLength(5);
  });
});
