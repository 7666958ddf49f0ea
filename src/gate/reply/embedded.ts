/**
 * Requests in the context of another page: in a frame, where the sign-in page never opens because it
 * refuses to be framed, or from another website, where browsers do not send our cookie (SameSite=Lax).
 */
import type { Body, Reply } from '../../core/request/dialect.ts';
import type { RequestFacts } from '../../core/request/facts.ts';
import type { ErrorPages } from '../../core/setup/views.ts';

/** Destinations of Fetch Metadata that show a page inside another one. */
const FRAMES: ReadonlySet<string> = new Set(['iframe', 'frame', 'fencedframe', 'embed', 'object']);

/** Whether the response will be shown inside another page. */
export function isFramed({ kind, header }: RequestFacts): boolean {
  return kind === 'page' && FRAMES.has(header('sec-fetch-dest') ?? '');
}

/** Whether another website causes the request, in a frame or by a script. */
export function isThirdParty({ header }: RequestFacts): boolean {
  return header('sec-fetch-site') === 'cross-site';
}

/** A page in place of the redirect. */
interface EmbeddedReply {
  /** The sign-in, for proxies that pass on a URL. */
  readonly loginUrl: string;
  /** The requested page, to open in a tab of its own. */
  readonly url: string;
  readonly requestId: string;
}

/** Offers to open the page in a tab of its own, where the sign-in works. */
export function embeddedReply(
  pages: ErrorPages,
  facts: RequestFacts,
  { loginUrl, url, requestId }: EmbeddedReply,
): Reply {
  const { host, header } = facts;
  const language = header('accept-language');
  const context = isThirdParty(facts) ? 'third-party' : 'same-site';
  const body: Body = pages.embeddedPage({ host, url, context, requestId, language });
  // Fetch Metadata names the page that caused the request, which may be the frame itself, but none of
  // the pages around it. The page's only link opens the app, so any of them may frame it.
  const headers = ['Content-Security-Policy', pages.embeddedCsp];
  return { kind: 'unauthorized', loginUrl, headers, body };
}
