/** A page with one message and a link to continue: the end of a flow, information, a rejection. */
import { html } from 'hono/html';
import type { Body } from '../core/request/dialect.ts';
import { type PageContext, page, type Say, sayIn } from './frame/document.ts';
import { type IconName, icon, type Markup } from './frame/icons.ts';
import { text } from './texts/texts.ts';
import type { LinkView, NoticePageView } from './views.ts';

/** The notice as a page. */
export function noticePage(view: NoticePageView, tools: PageContext): Body {
  const say = sayIn(tools, view.language, view.texts);
  const title = say(view.title);
  const facts: Fact[] = [];
  if (view.requestId !== null) facts.push([say(text('page.request')), [view.requestId]]);
  if (view.code !== null) facts.push([say(text('page.code')), [view.code]]);
  const main = html`<div class="card">
${sign(view.tone === 'refused' ? 'closed' : 'info', view.tone)}
<h1>${title}</h1>
<p class="lead">${say(view.text)}</p>
${wayOn(view.primary, view.secondary ?? null, say)}
${factList(facts, say)}
</div>`;
  const { brand, language } = view;
  return page({ title, brand, language, width: 'narrow', aside: null, main }, tools);
}

/** The icon above the heading. */
export function sign(name: IconName, tone: 'info' | 'refused'): Markup {
  return html`<p class="sign ${tone}">${icon(name)}</p>`;
}

/** A button and a less prominent link below it; null without either. */
export function wayOn(
  primary: LinkView | null,
  secondary: LinkView | null,
  say: Say,
): Markup | null {
  if (primary === null && secondary === null) return null;
  return html`<div class="way-on">${
    primary === null
      ? null
      : html`<a class="button" href="${primary.href}">${say(primary.label)}</a>`
  }${
    secondary === null
      ? null
      : html`<p class="quiet"><a href="${secondary.href}">${say(secondary.label)}</a></p>`
  }</div>`;
}

/** A name and its values. */
export type Fact = readonly [name: string, values: readonly string[]];

/** What an administrator needs to find the cause; null without facts. */
export function factList(facts: readonly Fact[], say: Say): Markup | null {
  if (facts.length === 0) return null;
  return html`<section class="facts" aria-label="${say(text('page.support'))}"><h2>${say(text('page.support'))}</h2><dl>${facts.map(
    ([name, values]) =>
      html`<div><dt>${name}</dt>${values.map((v) => html`<dd><code>${v}</code></dd>`)}</div>`,
  )}</dl></section>`;
}
