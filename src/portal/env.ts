/** What handlers of the portal get beside the request, and the headers of their responses. */
import type { RequestFacts } from '../core/request/facts.ts';

/** Per-request environment, given by http/. */
interface PortalBindings {
  readonly facts: RequestFacts;
  readonly requestId: string;
}

export interface PortalEnv {
  Bindings: PortalBindings;
}

/** Headers of every page of ours; `csp` when it is HTML. */
export function pageHeaders(requestId: string, csp: string | null): Record<string, string> {
  return {
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'same-origin',
    'x-robots-tag': 'noindex, nofollow',
    'x-request-id': requestId,
    ...(csp === null ? {} : { 'content-security-policy': csp }),
  };
}
