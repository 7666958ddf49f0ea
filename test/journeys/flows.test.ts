/**
 * The shipped flows as users see them: a real gateway, real forms, real codes and emails, on both
 * stores.
 */
import { afterAll, beforeAll, describe } from 'vitest';
import { FLOW_STORES, type FlowSite, startFlowSite } from '../support/flow-site.ts';
import { everyFlow, PEOPLE } from './flow-journey.ts';
import { PAGE_JOURNEYS } from './flow-pages.suite.ts';

describe.each(FLOW_STORES)('as pages, with the state %s', (store) => {
  let site: FlowSite;
  beforeAll(async () => {
    site = await startFlowSite(PEOPLE, store);
  });
  afterAll(() => site?.close());

  everyFlow(PAGE_JOURNEYS, () => site);
});
