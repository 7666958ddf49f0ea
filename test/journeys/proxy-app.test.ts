/** The journey with Doorward itself as the proxy: the nginx example, with direct requests. */

import { siteJourney } from './site.suite.ts';
import { ticketStays } from './site-attacks.suite.ts';

siteJourney(
  {
    name: 'with Doorward as its proxy',
    example: 'nginx',
    start: null,
  },
  ticketStays,
);
