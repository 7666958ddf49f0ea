/** All pages as one object. Pages show what they are given and decide nothing. */
import type { Body } from '../core/request/dialect.ts';
import type { Live } from '../core/setup/snapshot.ts';
import type { ErrorPages } from '../core/setup/views.ts';
import type { Message, OwnTexts, Texts } from '../core/values/message.ts';
import { errorPages } from './error-pages.ts';
import { flowPage } from './flow-page.ts';
import type { Assets } from './frame/assets.ts';
import type { PageContext } from './frame/document.ts';
import { homePage } from './home-page.ts';
import { noticePage } from './notice-page.ts';
import { pageTexts } from './texts/texts.ts';
import type { FlowPageView, HomePageView, NoticePageView } from './views.ts';
import { type Catalogue, catalogue } from './words/catalogue.ts';

/** Every page, bound to assets and texts. Each returns HTML and never throws, whatever its texts contain. */
export interface Pages {
  flowPage(view: FlowPageView): Body;
  noticePage(view: NoticePageView): Body;
  homePage(view: HomePageView): Body;
  /** Error pages under the hosts of apps; their assets are absolute links to the portal. */
  readonly errors: ErrorPages;
  /** The message in the best language for an Accept-Language header or a tag; see Catalogue. */
  say(message: Message, language: string | null, own?: OwnTexts): string;
}

/** Creates the pages. `texts` are those of the flow engine, the stages and the policies. Throws for a key that is defined twice. */
export function createPages(live: Live, assets: Assets, texts: readonly Texts[]): Pages {
  const words: Catalogue = catalogue([pageTexts, ...texts]);
  const tools: PageContext = { words, assetUrl: (name) => assets.url(name) };
  return {
    flowPage: (view) => flowPage(view, tools),
    noticePage: (view) => noticePage(view, tools),
    homePage: (view) => homePage(view, tools),
    errors: errorPages(live, assets, words),
    say: (message, language, own) => words.say(message, language, own),
  };
}
