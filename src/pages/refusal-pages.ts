/**
 * Refusals as pages, shown under the hosts of apps: assets are absolute links to the portal,
 * there is no script and no form. They say what was refused, why, as far as the operator lets them
 * (why.ts), and what would help.
 */
import { html } from 'hono/html';
import type { Live } from '../core/setup/snapshot.ts';
import type { RefusalPages, RefusalView } from '../core/setup/views.ts';
import type { Message } from '../core/values/message.ts';
import type { AssetName, Assets } from './frame/assets.ts';
import { contentSecurityPolicy } from './frame/csp.ts';
import { type PageTools, page, type Say, sayIn } from './frame/document.ts';
import { type Fact, factList, sign, wayOn } from './notice-page.ts';
import { pageTexts, type TextKey, text } from './texts/texts.ts';
import type { LinkView } from './views.ts';
import { MAX_REASONS, whyPart } from './why.ts';
import type { Catalogue } from './words/catalogue.ts';
import { type RefusalKind, refusalKind } from './words/refusal-kinds.ts';

/** The refusal pages over the configuration in force. */
export function refusalPages(live: Live, assets: Assets, words: Catalogue): RefusalPages {
  const tools: PageTools = {
    words,
    assetUrl: (name) => live.current.site.origin + assets.url(name),
  };
  return {
    get csp() {
      const { origin } = live.current.site;
      return contentSecurityPolicy({ portalOrigin: origin, formTargets: null });
    },
    refusal: (view) => refusalPage(view, live.current.brand, tools),
  };
}

function refusalPage(view: RefusalView, brand: Live['current']['brand'], tools: PageTools) {
  const say = sayIn(tools, view.language);
  const kind = refusalKind(view);
  const values = { brand: brand.name, host: view.host, user: view.user ?? '' };
  const told = (key: Parameters<typeof text>[0]): string => say(text(key, values));
  const title = say(text(kind.title));
  const { primary, secondary } = waysOn(view, kind);
  const main = html`<div class="card">
${sign(kind.icon, kind.tone)}
<h1>${title}</h1>
<p class="lead">${told(textKey(view, kind))}</p>
${kind.explains ? whyPart(view, say) : null}
${view.retryAfter > 0 ? html`<p>${say(waitWords(view.retryAfter))}</p>` : null}
${kind.help === null ? null : html`<p class="help">${told(kind.help)}</p>`}
${wayOn(primary, secondary, say)}
${factList(factsOf(view, say), say)}
</div>`;
  const { language } = view;
  const sheets: readonly AssetName[] = kind.explains ? ['why.css'] : [];
  return page({ title, brand, language, width: 'narrow', sheets, aside: null, main }, tools);
}

/** Sentences that name a user or a host have a twin for when there is none. */
function textKey(view: RefusalView, kind: RefusalKind): TextKey {
  if (kind.text === 'refused.denied.text' && view.user === null && view.host !== '') {
    return 'refused.denied.text-anonymous';
  }
  const nameless = `${kind.text}-nameless`;
  return view.host === '' && nameless in pageTexts.en ? (nameless as TextKey) : kind.text;
}

/** Back to the same address by an empty link (it resolves to the page itself), or away from it. */
function waysOn(
  view: RefusalView,
  kind: RefusalKind,
): { primary: LinkView | null; secondary: LinkView | null } {
  const home: LinkView = { href: view.homeUrl, label: text('page.home') };
  if (kind.retry) return { primary: { href: '', label: text('page.retry') }, secondary: home };
  if (view.status === 403 && view.signInUrl !== null) {
    const other = { href: view.signInUrl, label: text('refused.denied.switch') };
    return { primary: other, secondary: home };
  }
  return { primary: home, secondary: null };
}

function factsOf(view: RefusalView, say: Say): Fact[] {
  const rules = view.reasons.flatMap((r) => (r.rule === undefined ? [] : [r.rule]));
  return [
    ...(view.requestId === '' ? [] : [[say(text('page.request')), [view.requestId]] as Fact]),
    [say(text('page.code')), [view.code]],
    ...(view.user === null || view.why === 'code' || rules.length === 0
      ? []
      : [[say(text('page.rule')), [...new Set(rules)].slice(0, MAX_REASONS)] as Fact]),
  ];
}

function waitWords(seconds: number): Message {
  if (seconds <= 90) return text('refused.wait', { seconds });
  return text('refused.wait-minutes', { minutes: Math.ceil(seconds / 60) });
}
