/** The journey where Doorward is the proxy itself: the nginx example, asked directly. */
import { ticketStays } from './site-attacks.suite.ts';
import { siteJourney } from './site.suite.ts';

siteJourney(
  {
    name: 'with Doorward as its proxy',
    example: 'nginx',
    start: null,
  },
  ticketStays,
);
