/** All pages as one object, for whoever serves them. Nothing here decides anything. */
import type { Body } from '../core/request/dialect.ts';
import type { Live } from '../core/setup/snapshot.ts';
import type { RefusalPages } from '../core/setup/views.ts';
import type { Message, OwnTexts, Texts } from '../core/values/message.ts';
import { flowPage } from './flow-page.ts';
import type { Assets } from './frame/assets.ts';
import type { PageTools } from './frame/document.ts';
import { homePage } from './home-page.ts';
import { noticePage } from './notice-page.ts';
import { refusalPages } from './refusal-pages.ts';
import { pageTexts } from './texts/texts.ts';
import type { FlowPageView, HomePageView, NoticePageView } from './views.ts';
import { type Catalogue, catalogue } from './words/catalogue.ts';

/** Every page, bound to assets and texts. All of them are HTML and never throw for any text. */
export interface Pages {
  flowPage(view: FlowPageView): Body;
  noticePage(view: NoticePageView): Body;
  homePage(view: HomePageView): Body;
  /** Refusals under app hosts; absolute links to the portal's assets. */
  readonly refusals: RefusalPages;
  /** A message in the best language for an Accept-Language header or a tag; see Catalogue. */
  say(message: Message, language: string | null, own?: OwnTexts): string;
}

/** Makes the pages. `texts` are those of the stages; the pages' own come first. */
export function createPages(live: Live, assets: Assets, texts: readonly Texts[]): Pages {
  const words: Catalogue = catalogue([pageTexts, ...texts]);
  const tools: PageTools = { words, assetUrl: (name) => assets.url(name) };
  return {
    flowPage: (view) => flowPage(view, tools),
    noticePage: (view) => noticePage(view, tools),
    homePage: (view) => homePage(view, tools),
    refusals: refusalPages(live, assets, words),
    say: (message, language, own) => words.say(message, language, own),
  };
}
