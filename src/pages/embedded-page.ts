/**
 * What a frame shows in place of a sign-in: a link that opens the app in a tab of its own. It has no
 * form and no script, so framing it gains nothing.
 */
import { html } from 'hono/html';
import type { Body } from '../core/request/dialect.ts';
import type { Brand } from '../core/setup/brand.ts';
import type { EmbeddedPageView } from '../core/setup/views.ts';
import { type PageContext, page, sayIn } from './frame/document.ts';
import { factList, sign } from './notice-page.ts';
import { text } from './texts/texts.ts';

/** The page in the language of its reader. An empty link resolves to the page itself. */
export function embeddedPage(view: EmbeddedPageView, brand: Brand, tools: PageContext): Body {
  const { host, url, context, requestId, language } = view;
  const say = sayIn(tools, language);
  const isThirdParty = context === 'third-party';
  const title = say(text(isThirdParty ? 'embedded.third-party.title' : 'embedded.title'));
  const lead = text(isThirdParty ? 'embedded.third-party.text' : 'embedded.text', { host });
  // Where the cookie does not come, the same page would appear again.
  const reload = isThirdParty
    ? null
    : html`<p class="quiet"><a href="">${say(text('embedded.reload'))}</a></p>`;
  const main = html`<div class="card">
${sign('info', 'info')}
<h1>${title}</h1>
<p class="lead">${say(lead)}</p>
<div class="way-on"><a class="button" href="${url}" target="_blank" rel="noopener noreferrer">${say(text('embedded.open'))}</a>${reload}</div>
${factList([[say(text('page.request')), [requestId]]], say)}
</div>`;
  return page({ title, brand, language, width: 'narrow', aside: null, main }, tools);
}
