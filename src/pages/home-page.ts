/** The portal's front page: the apps that the user may open, and a link to sign out. */
import { html } from 'hono/html';
import type { Body } from '../core/request/dialect.ts';
import { initial } from './flow-page.ts';
import { type PageContext, page, type Say, sayIn } from './frame/document.ts';
import { icon, type Markup } from './frame/icons.ts';
import { text } from './texts/texts.ts';
import type { AppView, HomePageView, LinkView } from './views.ts';

/** The front page for a signed-in user. */
export function homePage(view: HomePageView, tools: PageContext): Body {
  const say = sayIn(tools, view.language);
  const title = say(text('home.title'));
  const aside = html`<div class="account"><p><span>${say(text('home.signed-in'))}</span> <strong>${view.user}</strong></p><a class="plain-button" href="${view.signOutUrl}">${say(text('home.sign-out'))}</a></div>`;
  const main = html`<h1>${title}</h1>
${view.search === null ? null : searchForm(view.search, say)}
${view.apps.length === 0 ? nothing(view, say) : html`<ul class="apps">${view.apps.map((app) => appCard(app, say))}</ul>`}
${view.account.length === 0 ? null : accountLinks(view.account, say)}`;
  const { brand, language } = view;
  return page(
    { title, brand, language, width: 'wide', sheets: ['account.css'], aside, main },
    tools,
  );
}

function appCard(app: AppView, say: Say): Markup {
  return html`<li><a href="${app.url}"><span class="tile" aria-hidden="true">${initial(app.title)}</span><span class="what"><strong>${app.title}</strong> <span class="host">${app.host}</span>${
    app.asksMore
      ? html` <span class="more">${icon('lock')}${say(text('home.asks-more'))}</span>`
      : null
  }</span>${icon('go')}</a></li>
`;
}

/** What the user can do with the account: flows, by their titles. */
function accountLinks(links: readonly LinkView[], say: Say): Markup {
  return html`<nav class="own" aria-labelledby="own"><h2 id="own">${say(text('home.account'))}</h2><ul>${links.map(
    ({ href, label }) => html`<li><a href="${href}">${say(label)}</a></li>`,
  )}</ul></nav>`;
}

/** A plain GET form: the portal filters the apps. */
function searchForm(search: string, say: Say): Markup {
  return html`<form class="search" method="get" action="/" role="search"><label class="unseen" for="q">${say(text('home.search'))}</label><input id="q" name="q" type="search" value="${search}" maxlength="100" placeholder="${say(text('home.search'))}" autocomplete="off"><button class="plain-button" type="submit">${icon('search')}${say(text('home.search-go'))}</button></form>`;
}

function nothing(view: HomePageView, say: Say): Markup {
  const { search } = view;
  if (search !== null && search !== '') {
    return html`<div class="card empty"><p class="lead">${say(text('home.nothing-found', { search }))}</p><p><a href="/">${say(text('home.show-all'))}</a></p></div>`;
  }
  return html`<div class="card empty"><p class="lead">${say(text('home.none'))}</p><p>${say(text('home.none-help', { brand: view.brand.name }))}</p></div>`;
}
