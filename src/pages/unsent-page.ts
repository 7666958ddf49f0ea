/**
 * Offers a form to be sent again: its address and fields, and two buttons. The fields are in the page as
 * the browser sent them, so the browser writes the same form once more; no script takes part.
 */
import { html } from 'hono/html';
import type { FormField } from '../core/access/unsent.ts';
import type { Body } from '../core/request/dialect.ts';
import type { Brand } from '../core/setup/brand.ts';
import type { UnsentPageView } from '../core/setup/views.ts';
import type { AssetName } from './frame/assets.ts';
import { type PageContext, page, type Say, sayIn } from './frame/document.ts';
import type { Markup } from './frame/icons.ts';
import { factList, sign } from './notice-page.ts';
import { text } from './texts/texts.ts';

/** Most fields that are shown, and characters of each. All of them are sent. */
const MOST_SHOWN = 40;
const MOST_CHARACTERS = 300;
/** Names of fields whose values a passer-by must not read: passwords, codes, cards and tokens. */
const SECRET =
  /pass|pwd|kennwort|secret|token|csrf|xsrf|nonce|otp|code|card|cvc|cvv|iban|auth(?!or)|session|(?:api|private).?key|(?<![a-z])(?:pin|tan|ssn)(?![a-z])/i;

/** The page in the language of its reader. */
export function unsentPage(view: UnsentPageView, brand: Brand, tools: PageContext): Body {
  const { host, url, form, sendUrl, discardUrl, requestId, language } = view;
  const say = sayIn(tools, language);
  const title = say(text('unsent.title'));
  const rest = form.fields.length - MOST_SHOWN;
  const main = html`<div class="card">
${sign('info', 'info')}
<h1>${title}</h1>
<p class="lead">${say(text('unsent.text', { host }))}</p>
<dl class="unsent"><div><dt>${say(text('unsent.address'))}</dt><dd>${cut(url)}</dd></div>${form.fields
    .slice(0, MOST_SHOWN)
    .map((field) => shown(field, say))}</dl>
${rest > 0 ? html`<p class="quiet">${say(text('unsent.more', { count: rest }))}</p>` : null}
<div class="way-on"><form method="post" action="${sendUrl}" enctype="${form.enctype}" accept-charset="utf-8" autocomplete="off">${form.fields.map(sent)}<button type="submit" class="button">${say(text('unsent.send'))}</button></form>
<form method="post" action="${discardUrl}"><button type="submit" class="plain-button">${say(text('unsent.discard'))}</button></form></div>
${factList([[say(text('page.request')), [requestId]]], say)}
</div>`;
  const sheets: readonly AssetName[] = ['unsent.css'];
  return page({ title, brand, language, width: 'narrow', sheets, aside: null, main }, tools);
}

function shown({ name, value }: FormField, say: Say): Markup {
  return html`<div><dt>${cut(name)}</dt>${
    value === null || value === ''
      ? html`<dd class="absent">${say(text(value === null ? 'unsent.no-file' : 'unsent.empty'))}</dd>`
      : SECRET.test(name)
        ? html`<dd class="absent">${say(text('unsent.hidden'))}</dd>`
        : html`<dd>${cut(value)}</dd>`
  }</div>`;
}

function cut(value: string): string {
  return value.length > MOST_CHARACTERS ? `${value.slice(0, MOST_CHARACTERS)}…` : value;
}

/** An unset choice of files is sent as one; every other field as text. */
function sent({ name, value }: FormField): Markup {
  return value === null
    ? html`<input type="file" name="${name}" class="unseen" aria-hidden="true" hidden>`
    : html`<input type="hidden" name="${name}" value="${value}">`;
}
