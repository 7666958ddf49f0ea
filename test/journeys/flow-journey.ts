/** A journey through a shipped flow, and the tables of them: a flow that is shipped has one in each. */
import { describe, expect, it } from 'vitest';
import { type FlowSite, SHIPPED_NAMES } from '../support/flow-site.ts';

/** One way through a flow, as somebody would tell it. */
interface Journey {
  readonly says: string;
  readonly run: (site: FlowSite) => Promise<void>;
}

/** Whom the journeys need, each of them somebody of their own. */
export const PEOPLE = ['lea', 'leo', 'ana', 'rex', 'fay', 'tom', 'kit', 'dia', 'eve', 'hal', 'gus'];

/** By name of the flow. */
export type Journeys = Readonly<Record<string, Journey>>;

/** Registers the journeys, and the demand that no shipped flow goes without. */
export function everyFlow(journeys: Journeys, site: () => FlowSite): void {
  describe('each shipped flow', () => {
    it('has a journey, and no journey is of a flow that is not shipped', () => {
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
