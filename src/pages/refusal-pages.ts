/**
 * Refusals as pages, shown under the hosts of apps: assets are absolute links to the portal,
 * there is no script and no form. They say what was refused, why and what would help, never
 * what a secret rule compares with.
 */
import { html } from 'hono/html';
import type { Message } from '../core/message.ts';
import type { Live } from '../core/snapshot.ts';
import type { RefusalPages, RefusalView } from '../core/views.ts';
import type { Assets } from './assets.ts';
import type { Catalogue } from './catalogue.ts';
import { contentSecurityPolicy } from './csp.ts';
import { page, type PageTools, type Say, sayIn } from './document.ts';
import { type Fact, factList, sign, wayOn } from './notice-page.ts';
import type { Markup } from './icons.ts';
import { reasonWords } from './reason-words.ts';
import { type RefusalKind, refusalKind } from './refusal-kinds.ts';
import { pageTexts, text, type TextKey } from './texts/texts.ts';
import type { LinkView } from './views.ts';

/** Reasons told on one page; the rest is in the log. */
const MAX_REASONS = 6;

/**
 * Families whose operands help the person (which group, which method) and tell nothing about the
 * network or other people. Operands of all others are for `explain` and the log.
 */
const OPEN_FAMILIES = new Set(['group', 'method', 'http']);

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
${kind.explains ? reasonList(view, say) : null}
${view.retryAfter > 0 ? html`<p>${say(waitWords(view.retryAfter))}</p>` : null}
${kind.help === null ? null : html`<p class="help">${told(kind.help)}</p>`}
${wayOn(primary, secondary, say)}
${factList(factsOf(view, say), say)}
</div>`;
  const { language } = view;
  return page({ title, brand, language, width: 'narrow', aside: null, main }, tools);
}

/** Sentences that name a user or a host have a twin for when there is none. */
function textKey(view: RefusalView, kind: RefusalKind): TextKey {
  if (kind.text === 'refused.denied.text' && view.user === null && view.host !== '') {
    return 'refused.denied.text-nobody';
  }
  const nameless = `${kind.text}-nameless`;
  return view.host === '' && nameless in pageTexts.en ? (nameless as TextKey) : kind.text;
}

function reasonList(view: RefusalView, say: Say): Markup | null {
  const reasons = view.reasons.length === 0 ? [{ code: view.code }] : view.reasons;
  const sentences = new Map<string, string[]>();
  for (const reason of reasons.slice(0, MAX_REASONS)) {
    const sentence = say(reasonWords(reason.code));
    const details = sentences.get(sentence) ?? [];
    const isOpen = OPEN_FAMILIES.has(reason.code.split('/', 1)[0] as string);
    if (isOpen && view.user !== null && reason.detail !== undefined) details.push(reason.detail);
    sentences.set(sentence, details);
  }
  return html`<ul class="reasons">${[...sentences].map(
    ([sentence, details]) =>
      html`<li>${sentence}${details.map((detail) => html` <span class="detail">${detail}</span>`)}</li>`,
  )}</ul>`;
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
    ...(view.user === null || rules.length === 0
      ? []
      : [[say(text('page.rule')), [...new Set(rules)].slice(0, MAX_REASONS)] as Fact]),
  ];
}

function waitWords(seconds: number): Message {
  if (seconds <= 90) return text('refused.wait', { seconds });
  return text('refused.wait-minutes', { minutes: Math.ceil(seconds / 60) });
}
