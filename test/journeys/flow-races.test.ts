/**
 * Twenty concurrent requests of which one must win, and what gives no access in a shipped flow;
 * pages and JSON, on both stores.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client } from '../support/client.ts';
import { answer, begin, type Talk } from '../support/flow-api.ts';
import {
  atSecondFactor,
  bringsTicket,
  CHOSEN,
  getCodes,
  past,
  setUpPhone,
  signedIn,
} from '../support/flow-pages.ts';
import { FLOW_STORES, type FlowSite, linkIn, startFlowSite } from '../support/flow-site.ts';

const TWENTY = Array.from({ length: 20 }, (_, index) => index);

describe.each(FLOW_STORES)('with the state %s', (store) => {
  let site: FlowSite;
  beforeAll(async () => {
    site = await startFlowSite(['cem', 'dia', 'eli', 'rex'], store);
  });
  afterAll(() => site?.close());

  /** One after the other: concurrent tries of one account would be delayed. */
  async function twentyAtSecondFactor(name: string) {
    const people: Awaited<ReturnType<typeof atSecondFactor>>[] = [];
    for (const _ of TWENTY) people.push(await atSecondFactor(site, name));
    return people;
  }

  it('a code of an app starts one session, of twenty concurrent submissions', async () => {
    const phone = await setUpPhone(site, await signedIn(site, 'cem'));
    const people = await twentyAtSecondFactor('cem');
    const before = await site.sessionsOf('cem');
    const code = phone.code();
    const answers = await Promise.all(
      people.map(({ client, page }) => client.submit(page, { code })),
    );
    expect(answers.filter(bringsTicket)).toHaveLength(1);
    expect((await site.sessionsOf('cem')) - before).toBe(1);
    const inside = await Promise.all(people.map(({ client }) => client.open(site.wiki)));
    expect(inside.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  it('a recovery code works once, in twenty concurrent runs', async () => {
    const client = await signedIn(site, 'dia');
    const [code = ''] = await getCodes(site, client);
    const talks: Talk[] = [];
    for (const _ of TWENTY) talks.push(await begin(site.gateway.portal, client, 'step-up'));
    const answers = await Promise.all(talks.map((talk) => answer(talk, { code })));
    expect(answers.filter(({ reply }) => reply.json.done === true)).toHaveLength(1);
  });

  it('a mailed link continues once, of twenty concurrent clicks', async () => {
    const { portal } = site.gateway;
    const start = await begin(portal, new Client(), 'recovery');
    const { client } = await answer(start, { login: 'rex' });
    const { searchParams } = new URL(linkIn(await site.emailTo('rex@example.test')));
    const query = Object.fromEntries(searchParams);
    const opened: Talk[] = [];
    for (const _ of TWENTY) opened.push(await begin(portal, client, 'recovery', query));
    const plans = await Promise.all(opened.map((talk) => answer(talk, {})));
    const types = plans.map(({ reply }) => reply.json.stage?.type ?? reply.status);
    expect(types).toContain('prompt');
    // The second one sees where the run is; the link itself cannot be used again.
    const late = await begin(portal, new Client(), 'recovery', query);
    expect([late.reply.status, late.reply.json.error]).toEqual([410, 'link/gone']);
  });

  it('an invitation for one user creates one account, of twenty concurrent submissions', async () => {
    const { portal } = site.gateway;
    const invitation = new URL(await site.invite()).searchParams.get('invitation') ?? '';
    const talks = await Promise.all(
      TWENTY.map(() => begin(portal, new Client(), 'enrollment', { invitation })),
    );
    const answers = await Promise.all(
      talks.map((talk, index) =>
        answer(talk, { ...CHOSEN, username: `new${index}`, email: `new${index}@example.test` }),
      ),
    );
    const isOn = ({ reply }: Talk): boolean => `${reply.json.location}`.includes('/flow/login');
    expect(answers.filter(isOn)).toHaveLength(1);
    const listed = await site.gateway.run(['user', 'list', '--json']);
    expect(listed.out.match(/"name":\s*"new\d+"/g)).toHaveLength(1);
  });

  it('a recovery code is not enough where the route requires an app or a passkey', async () => {
    const client = await signedIn(site, 'eli');
    const [code = ''] = await getCodes(site, client);
    const question = await client.follow(site.deep);
    expect((await client.submit(question, { code })).cookies).not.toEqual([]);
    expect((await client.open(site.deep)).location).toContain('/flow/step-up');
  });

  it.each(['enrollment', 'first-run'])(
    'without an invitation, or with a wrong one, no visitor gets into %s',
    async (flow) => {
      for (const query of ['', `?invitation=${'A'.repeat(32)}`]) {
        const stranger = new Client();
        const end = await past(stranger, await stranger.follow(`${site.flow(flow)}${query}`));
        expect([end.status, end.body.includes('type="password"')]).toEqual([403, false]);
      }
    },
  );
});
