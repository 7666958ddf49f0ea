/** The client's location, from the operator's own databases. Sends no request to any service. */
import { z } from 'zod';
import { defineSignal } from '../../core/access/signal.ts';
import { openAtlas } from './atlas.ts';

const EXAMPLE = 'signals: { geo: { paths: [places.mmdb] } }';

const config = z
  .strictObject({
    paths: z
      .array(z.string().min(1).max(4096), { error: `expected a list of .mmdb files: ${EXAMPLE}` })
      .min(1)
      .max(8)
      .describe(
        'Files in the MaxMind DB format. For each field, the first file that has a value is used.',
      ),
  })
  .describe('The client’s location, from your own databases.');

/** See README.md beside this file. */
export const geo = defineSignal({
  name: 'geo',
  config,
  deadline: 100,
  locates: true,
  async inspect({ paths }) {
    const atlas = await openAtlas(paths, { emit: () => undefined });
    await atlas.close();
  },
  async open({ paths }, { events }) {
    const atlas = await openAtlas(paths, events);
    return {
      gather: ({ facts }) => {
        const place = atlas.placeOf(facts.clientIp);
        return place === null ? undefined : { ...place };
      },
      atlas,
      close: () => atlas.close(),
    };
  },
});
