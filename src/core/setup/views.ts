/**
 * Error pages for the hot path. `pages/` creates them, and run/public passes them to the gate.
 */

import type { DecisionTrace } from '../access/decision-trace.ts';
import type { DisclosureLevel } from '../access/disclosure.ts';
import type { Form } from '../access/unsent.ts';
import type { Body } from '../request/dialect.ts';
import type { Reason } from '../values/reason.ts';

/** What an error page shows. */
export interface ErrorPageView {
  readonly status: number;
  /** Stable code of the first reason or of the problem. */
  readonly code: string;
  readonly reasons: readonly Reason[];
  /** How much of the reasons to show. If omitted, reasons are shown as sentences. */
  readonly disclosure?: DisclosureLevel;
  /** The result of every rule, if it may be shown. */
  readonly trace?: DecisionTrace | null;
  readonly requestId: string;
  /** Requested host; canonical, or `''` if unknown. */
  readonly host: string;
  /** Display name of the signed-in user, or null. */
  readonly user: string | null;
  /** Link to sign in with another account, or null. */
  readonly signInUrl: string | null;
  /** Link to begin again what failed. Absent or null: there is none. */
  readonly startUrl?: string | null;
  /** Link to the portal. */
  readonly homeUrl: string;
  /** Seconds to wait, or 0. */
  readonly retryAfter: number;
  /** The Accept-Language header, or null. */
  readonly language: string | null;
}

/** What a page in a frame shows in place of a sign-in. */
export interface EmbeddedPageView {
  /** Requested host, canonical. */
  readonly host: string;
  /** The requested page. */
  readonly url: string;
  /** `third-party`: another website embeds it, where our cookie does not come. */
  readonly context: 'same-site' | 'third-party';
  readonly requestId: string;
  /** The Accept-Language header, or null. */
  readonly language: string | null;
}

/** What the page shows that offers an unsent form. */
export interface UnsentPageView {
  /** Requested host, canonical. */
  readonly host: string;
  /** Where the form is sent. */
  readonly url: string;
  readonly form: Form;
  /** Where the two buttons lead: paths of this host. */
  readonly sendUrl: string;
  readonly discardUrl: string;
  readonly requestId: string;
  /** The Accept-Language header, or null. */
  readonly language: string | null;
}

/** Renders errors as HTML. Never throws. */
export interface ErrorPages {
  errorPage(view: ErrorPageView): Body;
  /** Content-Security-Policy for these pages. */
  readonly csp: string;
  /** What a frame shows in place of a sign-in. */
  embeddedPage(view: EmbeddedPageView): Body;
  /** Content-Security-Policy for it: any page may frame it. */
  readonly embeddedCsp: string;
  /** Offers a form to be sent again. */
  unsentPage(view: UnsentPageView): Body;
  /** Content-Security-Policy for it: the app may redirect the form to any address. */
  readonly unsentCsp: string;
}
