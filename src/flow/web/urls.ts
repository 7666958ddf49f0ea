/** URLs of flows on the portal, as paths. Every value in them is encoded. */
import type { Flow } from '../../core/flow/flow.ts';
import type { Snapshot } from '../../core/setup/snapshot.ts';

/** What a flow's URL may carry. */
export interface FlowQuery {
  readonly plan?: string;
  readonly rd?: string | null;
  readonly notice?: 'stale' | 'restarted' | 'full';
  /** `other`: run the flow although the visitor is signed in. */
  readonly as?: 'other';
  /** Run it again although it was completed a moment ago: the user asked for it. */
  readonly again?: '1';
  /** When this redirect set a cookie that the browser had not returned (`cookieTest`). */
  readonly tested?: string | null;
  /** The previous run's invitation, as `carriedInvitation` seals it. */
  readonly invited?: string | null;
}

/** `/flow/login?plan=…&rd=…`. */
export function flowUrl(name: string, query: FlowQuery = {}): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (typeof value === 'string') search.set(key, value);
  }
  const text = search.toString();
  return `/flow/${encodeURIComponent(name)}${text === '' ? '' : `?${text}`}`;
}

/** The flow that signs users in on this site: `login`, or else the first of its kind; null without one. */
export function signInFlow(snapshot: Snapshot): Flow | null {
  const all = [...snapshot.flows.values()].filter(
    (flow) =>
      flow.designation === 'authentication' &&
      flow.requires !== 'session' &&
      flow.requires !== 'fresh' &&
      flow.requires !== 'link' &&
      flow.requires !== 'source',
  );
  return all.find((flow) => flow.name === 'login') ?? all[0] ?? null;
}

/** The URL to sign in before running `flow` and return to it; null without a sign-in flow. */
export function signInUrl(
  snapshot: Snapshot,
  flow: Flow,
  query: Pick<FlowQuery, 'rd' | 'invited'>,
): string | null {
  const login = signInFlow(snapshot);
  if (login === null || login.name === flow.name) return null;
  const back = snapshot.site.origin + flowUrl(flow.name, query);
  return flowUrl(login.name, { as: 'other', rd: back });
}
