/** The journey through a real HAProxy that runs examples/haproxy. */
import { describe } from 'vitest';
import { startHaproxy } from '../support/haproxy.ts';
import { isLeftOut } from '../support/packages.ts';
import { siteJourney } from './site.suite.ts';
import { ticketForms, ticketStays } from './site-attacks.suite.ts';

describe.skipIf(isLeftOut('haproxy'))('HAProxy (unless left out by DOORWARD_TEST_WITHOUT)', () => {
  siteJourney(
    {
      name: 'behind HAProxy',
      example: 'haproxy',
      start: ({ dir, port }) => startHaproxy(dir, port),
    },
    (at) => {
      ticketStays(at);
      ticketForms(at);
    },
  );
});
