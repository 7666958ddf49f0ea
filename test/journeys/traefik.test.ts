/**
 * The journey through Traefik: replayed according to its source, and through a real one if it is
 * installed.
 */
import { join } from 'node:path';
import { Client } from '../support/client.ts';
import type { Journey } from '../support/journey.ts';
import { findBinary, needBinary } from '../support/packages.ts';
import { isListening, startProgram } from '../support/program.ts';
import type { Place } from '../support/site.ts';
import { startTraefikStandIn } from '../support/traefik-stand-in.ts';
import { siteJourney } from './site.suite.ts';
import { onlyWebsockets, ticketForms, ticketStays } from './site-attacks.suite.ts';

const attacked = (at: () => Journey): void => {
  ticketStays(at);
  ticketForms(at);
  onlyWebsockets(at);
};

siteJourney(
  {
    name: 'behind a replayed Traefik',
    example: 'traefik',
    start: ({ dir, port }) => startTraefikStandIn(dir, port),
  },
  attacked,
);

/** No Debian package provides it, so it is optional in the tests. */
if (findBinary('traefik') !== null) {
  siteJourney(
    {
      name: 'behind a real Traefik',
      example: 'traefik',
      start: ({ dir, port }: Place) =>
        startProgram(
          needBinary('traefik'),
          [`--configFile=${join(dir, 'traefik.yaml')}`],
          // It listens before it has loaded its routers; only then does it know the portal.
          { cwd: dir, isReady: async () => (await isListening(port)) && knowsPortal(port) },
        ),
    },
    attacked,
  );
}

async function knowsPortal(port: number): Promise<boolean> {
  const answer = await new Client().open(`http://auth.demo.localhost:${port}/`);
  return answer.status !== 404;
}
