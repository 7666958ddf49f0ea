/**
 * Passes by how a run of a flow started, as determined by the server. Outside a flow, the
 * evaluation fails.
 */
import { z } from 'zod';
import { definePolicy, type FlowEvent, type Verdict } from '../../core/access/policy.ts';
import { Problem } from '../../core/values/problem.ts';

const EVENTS = ['visit', 'invitation', 'link'] as const satisfies readonly FlowEvent[];

const config = z.strictObject({
  any: z
    .array(z.enum(EVENTS))
    .min(1)
    .max(EVENTS.length)
    .describe(
      'How the run started. invitation: with a valid one for the flow. link: a mailed link was redeemed. visit: neither.',
    ),
});

export const event = definePolicy({
  type: 'event',
  inFlows: true,
  config,
  texts: {
    en: {
      'reason.event': 'Access requires an invitation or a link sent by email.',
    },
    de: {
      'reason.event':
        'Für den Zugriff ist eine Einladung oder ein per E-Mail gesendeter Link erforderlich.',
    },
  },
  compile({ any }) {
    const wanted = new Set<FlowEvent>(any);
    const verdicts = new Map<FlowEvent, Verdict>(
      EVENTS.map((kind) => {
        const pass = wanted.has(kind);
        const detail = pass ? kind : `needs ${any.join(' or ')}; begun by ${kind}`;
        return [kind, { pass, reason: { code: pass ? 'event/match' : 'event/other', detail } }];
      }),
    );
    return (input) => {
      const verdict = input.event === null ? undefined : verdicts.get(input.event);
      if (verdict === undefined) {
        throw new Problem('policy/no-event', 'there is no run of a flow here');
      }
      return verdict;
    };
  },
});
