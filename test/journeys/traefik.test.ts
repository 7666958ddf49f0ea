/** The journey through Traefik: replayed as its source tells it, and through a real one where there is one. */
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
    name: 'behind what Traefik does, replayed',
    example: 'traefik',
    start: ({ dir, port }) => startTraefikStandIn(dir, port),
  },
  attacked,
);

/** No Debian package brings it, so it is no condition of the tests. */
if (findBinary('traefik') !== null) {
  siteJourney(
    {
      name: 'behind a real Traefik',
      example: 'traefik',
      start: ({ dir, port }: Place) =>
        startProgram(
          needBinary('traefik'),
          [`--configFile=${join(dir, 'traefik.yaml')}`],
          // It listens before it has read its routers; then it knows the portal.
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
