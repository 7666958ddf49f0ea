/** The shipped flows as scripts use them: the same challenges as JSON, on both stores. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client } from '../support/client.ts';
import { begin } from '../support/flow-api.ts';
import { FLOW_STORES, type FlowSite, startFlowSite } from '../support/flow-site.ts';
import { API_JOURNEYS } from './flow-api.suite.ts';
import { everyFlow, PEOPLE } from './flow-journey.ts';

describe.each(FLOW_STORES)('as JSON, with the state %s', (store) => {
  let site: FlowSite;
  beforeAll(async () => {
    site = await startFlowSite(PEOPLE, store);
  });
  afterAll(() => site?.close());

  everyFlow(API_JOURNEYS, () => site);

  it.each([
    'step-up',
    'password-change',
    'setup-totp',
    'setup-passkey',
    'setup-recovery-codes',
    'setup-email-code',
    'verify-email',
    'consent',
    'tokens',
    'unenrollment',
  ])('%s is about a user, and needs a session', async (flow) => {
    const { reply } = await begin(site.gateway.portal, new Client(), flow);
    expect([reply.status, reply.json.reason]).toEqual([401, 'session/none']);
    expect(reply.json.login_url).toContain('/flow/login');
  });
});
