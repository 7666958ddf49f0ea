/**
 * Error pages under the hosts of apps. Their assets are absolute links to the portal; they have no
 * script and no form. A page says what happened, why (reasons.ts), and what to do next.
 */
import { html } from 'hono/html';
import type { Live } from '../core/setup/snapshot.ts';
import type { ErrorPages, ErrorPageView } from '../core/setup/views.ts';
import type { Message } from '../core/values/message.ts';
import { embeddedPage } from './embedded-page.ts';
import { type ErrorKind, errorKind } from './error-kinds.ts';
import type { AssetName, Assets } from './frame/assets.ts';
import { contentSecurityPolicy } from './frame/csp.ts';
import { type PageContext, page, type Say, sayIn } from './frame/document.ts';
import { type Fact, factList, sign, wayOn } from './notice-page.ts';
import { MAX_REASONS, reasonsPart } from './reasons.ts';
import { pageTexts, type TextKey, text } from './texts/texts.ts';
import type { LinkView } from './views.ts';
import { unsentPage } from './unsent-page.ts';
import type { Catalogue } from './words/catalogue.ts';

/** Error pages for the current configuration. */
export function errorPages(live: Live, assets: Assets, words: Catalogue): ErrorPages {
  const tools: PageContext = {
    words,
    assetUrl: (name) => live.current.site.origin + assets.url(name),
  };
  return {
    get csp() {
      const { origin } = live.current.site;
      return contentSecurityPolicy({ portalOrigin: origin, formTargets: null });
    },
    errorPage: (view) => errorPage(view, live.current.brand, tools),
    get embeddedCsp() {
      const { origin } = live.current.site;
      return contentSecurityPolicy({ portalOrigin: origin, formTargets: null, ancestors: '*' });
    },
    unsentPage: (view) => unsentPage(view, live.current.brand, tools),
    get unsentCsp() {
      const { origin } = live.current.site;
      return contentSecurityPolicy({ portalOrigin: origin, formTargets: 'app' });
    },
    embeddedPage: (view) => embeddedPage(view, live.current.brand, tools),
  };
}

function errorPage(view: ErrorPageView, brand: Live['current']['brand'], tools: PageContext) {
  const say = sayIn(tools, view.language);
  const kind = errorKind(view);
  const values = { brand: brand.name, host: view.host, user: view.user ?? '' };
  const sayKey = (key: TextKey): string => say(text(key, values));
  const title = say(text(kind.title));
  const { primary, secondary } = waysOn(view, kind);
  const main = html`<div class="card">
${sign(kind.icon, kind.tone)}
<h1>${title}</h1>
<p class="lead">${sayKey(textKey(view, kind))}</p>
${kind.explains ? reasonsPart(view, say) : null}
${view.retryAfter > 0 ? html`<p>${say(waitWords(view.retryAfter))}</p>` : null}
${kind.help === null ? null : html`<p class="help">${sayKey(kind.help)}</p>`}
${wayOn(primary, secondary, say)}
${factList(factsOf(view, say), say)}
</div>`;
  const { language } = view;
  const sheets: readonly AssetName[] = kind.explains ? ['reasons.css'] : [];
  return page({ title, brand, language, width: 'narrow', sheets, aside: null, main }, tools);
}

/** A sentence that names a user or a host has a variant for pages without one. */
function textKey(view: ErrorPageView, kind: ErrorKind): TextKey {
  if (kind.text === 'refused.denied.text' && view.user === null && view.host !== '') {
    return 'refused.denied.text-anonymous';
  }
  const nameless = `${kind.text}-nameless`;
  return view.host === '' && nameless in pageTexts.en ? (nameless as TextKey) : kind.text;
}

/** A retry is an empty link, which resolves to the page itself. */
function waysOn(
  view: ErrorPageView,
  kind: ErrorKind,
): { primary: LinkView | null; secondary: LinkView | null } {
  const home: LinkView = { href: view.homeUrl, label: text('page.home') };
  if (kind.retry) return { primary: { href: '', label: text('page.retry') }, secondary: home };
  if (view.startUrl != null) {
    return { primary: { href: view.startUrl, label: text('page.start-again') }, secondary: home };
  }
  if (view.status === 403 && view.signInUrl !== null) {
    const other = { href: view.signInUrl, label: text('refused.denied.switch') };
    return { primary: other, secondary: home };
  }
  return { primary: home, secondary: null };
}

function factsOf(view: ErrorPageView, say: Say): Fact[] {
  const rules = view.reasons.flatMap((r) => (r.rule === undefined ? [] : [r.rule]));
  return [
    ...(view.requestId === '' ? [] : [[say(text('page.request')), [view.requestId]] as Fact]),
    [say(text('page.code')), [view.code]],
    ...(view.user === null || view.disclosure === 'code' || rules.length === 0
      ? []
      : [[say(text('page.rule')), [...new Set(rules)].slice(0, MAX_REASONS)] as Fact]),
  ];
}

function waitWords(seconds: number): Message {
  if (seconds <= 90) return text('refused.wait', { seconds });
  return text('refused.wait-minutes', { minutes: Math.ceil(seconds / 60) });
}
