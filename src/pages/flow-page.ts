/** A step of a flow as a page: a form that works without script. */
import { html } from 'hono/html';
import type { Field } from '../core/flow/challenge.ts';
import type { Body } from '../core/request/dialect.ts';
import type { Message } from '../core/values/message.ts';
import { fieldMarkup } from './fields/field.ts';
import {
  type FormLayout,
  formLayout,
  type Placed,
  scriptsFor,
  sheetsFor,
} from './fields/form-layout.ts';
import { type PageContext, page, type Say, sayIn } from './frame/document.ts';
import { icon, type Markup } from './frame/icons.ts';
import { text } from './texts/texts.ts';
import type { FlowPageView } from './views.ts';

/** The challenge as a page. */
export function flowPage(view: FlowPageView, tools: PageContext): Body {
  const say = sayIn(tools, view.language, view.texts);
  const { challenge } = view;
  const title = say(challenge.title);
  const layout = formLayout(challenge);
  const isRejected = isRejection(view);
  const main = html`<div class="card">
${view.app === null ? null : appStrip(view.app, say)}
<h1>${title}</h1>
${view.step === null ? null : html`<p class="step">${say(text('page.step', view.step))}</p>`}
${challenge.lead === undefined ? null : html`<p class="lead">${say(challenge.lead)}</p>`}
${view.notice === null ? null : html`<div class="notice" role="status">${icon('info')}<p>${say(view.notice)}</p></div>`}
${isRejected ? summary(view, layout, say) : null}
${form(view, layout, say)}
</div>`;
  const scripts = scriptsFor(challenge.fields);
  return page(
    {
      title: say(text(isRejected ? 'page.title.refused' : 'page.title', { title })),
      brand: view.brand,
      language: view.language,
      width: 'narrow',
      sheets: sheetsFor(challenge.fields),
      scripts: scripts.own,
      foreignScripts: scripts.foreign,
      aside: null,
      main,
    },
    tools,
  );
}

/** Shows which app asked for the sign-in, so that users notice one that they did not open. */
function appStrip(app: { readonly title: string; readonly host: string }, say: Say): Markup {
  return html`<p class="app"><span class="tile" aria-hidden="true">${initial(app.title)}</span><span><span class="kicker">${say(text('page.requested-by'))}</span> <strong>${app.title}</strong>${
    app.title === app.host ? null : html` <span class="host">${app.host}</span>`
  }</span></p>`;
}

/**
 * Says what went wrong and links to each field in error. The field to correct has the focus and is
 * described by this summary. Without one, or if it may be off screen, the summary has the focus.
 */
function summary(
  { rejection, challenge }: FlowPageView,
  { first, isLow }: FormLayout,
  say: Say,
): Markup {
  const isFieldFocused = first >= 0 && !isLow;
  const wrong = challenge.fields.flatMap((field, index) => {
    const error = errorOf(field);
    if (error === null) return [];
    const label = 'label' in field ? html`${say(field.label)}: ` : null;
    return [html`<li><a href="#f${index}">${label}${say(error)}</a></li>`];
  });
  return html`<div class="summary" id="${SUMMARY}" role="alert" tabindex="-1"${isFieldFocused ? null : html` autofocus`}>${icon('warning')}<div><p>${say(rejection ?? text('page.check-fields'))}</p>${
    wrong.length === 0 ? null : html`<ul>${wrong}</ul>`
  }</div></div>`;
}

/** Id of the error summary. */
const SUMMARY = 'summary';

function form(view: FlowPageView, layout: FormLayout, say: Say): Markup {
  const { challenge } = view;
  const isRejected = isRejection(view);
  const restartLabel = say(challenge.restart ?? text('page.not-you'));
  const restart = view.restartUrl === null ? null : { url: view.restartUrl, label: restartLabel };
  const hasUsername = challenge.fields.some((f) => f.kind === 'username');
  const { above, main, below, first, isLow } = layout;
  const focus = isLow ? 'in-view' : 'always';
  const isBelow = (index: number): boolean => below.some((one) => one.index === index);
  const show = ({ field, index }: Placed): Markup =>
    fieldMarkup(
      field,
      {
        id: `f${index}`,
        focus: index === first ? focus : 'never',
        describedBy: isRejected && index === first ? SUMMARY : null,
        isPrimary: main !== 'submit' && !(field.kind === 'passkey' && isBelow(index)),
        restart,
      },
      say,
    );
  const hidden = Object.entries(view.hidden).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`,
  );
  return html`<form method="post" action="${view.action}" accept-charset="utf-8">
${hidden}
${above.map(show)}
${main === 'submit' ? html`<button type="submit" class="button">${say(challenge.submit)}</button>` : null}
${below.length === 0 ? null : html`<p class="or" aria-hidden="true">${say(text('page.or'))}</p>`}
${below.map(show)}
${
  restart === null || hasUsername || challenge.restart === undefined
    ? null
    : html`<p class="quiet"><a href="${restart.url}">${restart.label}</a></p>`
}
${(view.links ?? []).map(({ href, label }) => html`<p class="quiet"><a href="${href}">${say(label)}</a></p>`)}
</form>`;
}

function isRejection({ rejection, challenge }: FlowPageView): boolean {
  return rejection !== null || challenge.fields.some((field) => errorOf(field) !== null);
}

function errorOf(field: Field): Message | null {
  return 'error' in field ? (field.error ?? null) : null;
}

/** First letter for the tile: a whole character in any script. */
export function initial(title: string): string {
  const first = Array.from(title.trim().normalize('NFC'))[0] ?? '·';
  return first.toLocaleUpperCase('en');
}
