/** Journeys through the shipped flows: every shipped flow has one in each table. */
import { describe, expect, it } from 'vitest';
import { type FlowSite, SHIPPED_NAMES } from '../support/flow-site.ts';

/** One way through a flow, in words. */
interface Journey {
  readonly says: string;
  readonly run: (site: FlowSite) => Promise<void>;
}

/** The users that the journeys need, one for each. */
export const PEOPLE = [
  'lea',
  'leo',
  'ana',
  'rex',
  'fay',
  'tom',
  'kit',
  'dia',
  'eve',
  'hal',
  'gus',
  'mia',
];

/** By name of the flow. */
export type Journeys = Readonly<Record<string, Journey>>;

/** Registers the journeys, and a test that no shipped flow is without one. */
export function everyFlow(journeys: Journeys, site: () => FlowSite): void {
  describe('each shipped flow', () => {
    it('has a journey, and every journey belongs to a shipped flow', () => {
      expect(Object.keys(journeys).sort()).toEqual([...SHIPPED_NAMES].sort());
    });

    for (const [name, { says, run }] of Object.entries(journeys)) {
      it(`${name}: ${says}`, async () => {
        expect.hasAssertions();
        await run(site());
      });
    }
  });
}
