/** The journey through a real Caddy that runs examples/caddy. */
import { describe } from 'vitest';
import { startCaddy } from '../support/caddy.ts';
import { isLeftOut } from '../support/packages.ts';
import { siteJourney } from './site.suite.ts';
import { ticketStays } from './site-attacks.suite.ts';

describe.skipIf(isLeftOut('caddy'))('Caddy (unless left out by DOORWARD_TEST_WITHOUT)', () => {
  siteJourney(
    {
      name: 'behind Caddy',
      example: 'caddy',
      start: ({ dir, port }) => startCaddy(dir, port),
    },
    ticketStays,
  );
});
