/** The journey through a real nginx that runs examples/nginx. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Journey } from '../support/journey.ts';
import { startNginx } from '../support/nginx.ts';
import { isLeftOut } from '../support/packages.ts';
import { ticketStays } from './site-attacks.suite.ts';
import { siteJourney } from './site.suite.ts';

describe.skipIf(isLeftOut('nginx'))('nginx (unless left out by DOORWARD_TEST_WITHOUT)', () => {
  siteJourney(
    {
      name: 'behind nginx',
      example: 'nginx',
      start: ({ dir, port }) => startNginx(dir, port),
    },
    (at) => {
      ticketStays(at);
      faultOfItsOwn(at);
    },
  );
});

function faultOfItsOwn(at: () => Journey): void {
  it("shows a fault of nginx's own as a fault, and sends nobody in circles", async () => {
    const { site, ann } = at();
    // Where nginx keeps uploads is gone: it cannot pass on a request that was allowed.
    rmSync(join(site.dir, 'client_body'), { recursive: true });
    const body = 'x'.repeat(100_000);
    const answer = await ann.send(`${site.wiki}/upload`, { method: 'POST', body });
    expect([answer.status, answer.location]).toEqual([500, '']);
    expect(site.apps.wiki.seen).toEqual([]);
  });
}
