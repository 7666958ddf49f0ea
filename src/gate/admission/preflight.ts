/** The answer to a preflight of a listed origin. It asks about a request, so it needs no session and reaches no app. */
import type { RequestFacts } from '../../core/request/facts.ts';
import { isPreflight, preflightFields } from '../../core/routes/cors.ts';
import type { Snapshot } from '../../core/setup/snapshot.ts';
import type { OwnEnd } from '../own-paths/own-paths.ts';

/** The answer, or null if the request is decided like any other. */
export function preflightEnd(
  { table }: Pick<Snapshot, 'table'>,
  facts: RequestFacts,
): OwnEnd | null {
  if (facts.kind !== 'preflight') return null;
  const cors = table.hosted(facts.host, facts.port)?.cors ?? null;
  if (!isPreflight(cors, facts, 'answer')) return null;
  const reply = { kind: 'preflight', headers: preflightFields(cors, facts) } as const;
  return { kind: 'allow', code: 'cors/preflight', reply };
}
