/** The journey through a real nginx that runs examples/nginx. */
import { describe } from 'vitest';
import { startNginx } from '../support/nginx.ts';
import { isLeftOut } from '../support/packages.ts';
import { siteJourney } from './site.suite.ts';
import { ticketStays } from './site-attacks.suite.ts';

describe.skipIf(isLeftOut('nginx'))('nginx (unless left out by DOORWARD_TEST_WITHOUT)', () => {
  siteJourney(
    {
      name: 'behind nginx',
      example: 'nginx',
      start: ({ dir, port }) => startNginx(dir, port),
    },
    ticketStays,
  );
});
