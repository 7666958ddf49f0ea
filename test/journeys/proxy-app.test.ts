/** The journey where Doorward is the proxy itself: the nginx example, asked directly. */

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
