/**
 * Passes by how a run of a flow started, as determined by the server. Outside a flow, the
 * evaluation fails.
 */
import { z } from 'zod';
import { failed } from '../../core/policy/comparison.ts';
import { definePolicy, type FlowEvent, type Verdict } from '../../core/policy/policy.ts';
import type { Texts } from '../../core/values/message.ts';
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

const texts: Texts = {
  en: {
    'reason.event': 'Access requires an invitation or a link sent by email.',
    'detail.event/other': 'needs {needed}; begun by {begun}',
  },
  de: {
    'reason.event':
      'Für den Zugriff ist eine Einladung oder ein per E-Mail gesendeter Link erforderlich.',
    'detail.event/other': 'erforderlich: {needed}; begonnen durch {begun}',
  },
};

export const event = definePolicy({
  type: 'event',
  inFlows: true,
  config,
  texts,
  compile({ any }) {
    const needed = { en: any.join(' or '), de: any.join(' oder ') };
    const wanted = new Set<FlowEvent>(any);
    const verdicts = new Map<FlowEvent, Verdict>(
      EVENTS.map((kind) => {
        if (wanted.has(kind)) {
          return [kind, { pass: true, reason: { code: 'event/match', detail: kind } }];
        }
        return [kind, failed(texts, 'event/other', { needed, begun: kind })];
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
