/**
 * The frame of every page: head, brand, main part. hono/html escapes everything interpolated.
 * Nothing is inline, and nothing comes from a third party except the scripts of a captcha.
 */
import { html } from 'hono/html';
import type { Body } from '../../core/request/dialect.ts';
import type { Brand } from '../../core/setup/brand.ts';
import type { Message, OwnTexts } from '../../core/values/message.ts';
import { Problem } from '../../core/values/problem.ts';
import type { Catalogue } from '../words/catalogue.ts';
import { directionOf } from '../words/language.ts';
import type { AssetName } from './assets.ts';
import type { Markup } from './icons.ts';

/** What every page is rendered with. */
export interface PageContext {
  readonly words: Catalogue;
  /** URL of an asset: a path on the portal, or absolute for pages under other hosts. */
  readonly assetUrl: (name: AssetName) => string;
}

/** Renders a message in the page's language. */
export type Say = (message: Message) => string;

/** Binds the catalogue to one page's language and to the texts that replace its own. */
export function sayIn(tools: PageContext, language: string | null, own?: OwnTexts): Say {
  return (message) => tools.words.say(message, language, own);
}

/** The parts of one page. */
export interface PageParts {
  /** Title without the brand. */
  readonly title: string;
  readonly brand: Brand;
  readonly language: string | null;
  readonly width: 'narrow' | 'wide';
  /** Style sheets in addition to those of every page. */
  readonly sheets?: readonly AssetName[];
  /** Our scripts, in order; left out: none. */
  readonly scripts?: readonly AssetName[];
  /** URLs of a captcha's scripts, from captcha-providers.ts; left out: none. */
  readonly foreignScripts?: readonly string[];
  /** Shown next to the brand, or null. */
  readonly aside: Markup | null;
  readonly main: Markup;
}

/** The whole page. */
export function page(parts: PageParts, tools: PageContext): Body {
  const { brand } = parts;
  const language = tools.words.languageOf(parts.language);
  const { assetUrl } = tools;
  const markup = html`<!doctype html>
<html lang="${language}" dir="${directionOf(language)}">
<head>
<meta charset="utf-8">
<title>${parts.title} · ${brand.name}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex, nofollow">
<meta name="color-scheme" content="light dark">
<link rel="stylesheet" href="${assetUrl('doorward.css')}">
<link rel="stylesheet" href="${assetUrl('brand.css')}">
${(parts.sheets ?? []).map((name) => html`<link rel="stylesheet" href="${assetUrl(name)}">`)}
<link rel="icon" href="${assetUrl('logo')}">
${[...(parts.scripts ?? []).map(assetUrl), ...(parts.foreignScripts ?? [])].map((url) => html`<script src="${url}" defer></script>`)}
</head>
<body class="${parts.width}">
<header><p class="brand"><img src="${assetUrl('logo')}" alt="" width="36" height="36">${brand.name}</p>${parts.aside}</header>
<main>
${parts.main}
</main>
</body>
</html>
`;
  return { type: 'text/html; charset=utf-8', text: textOf(markup) };
}

/** Our templates contain no promises. Throws Problem `internal` for one that does. */
function textOf(markup: Markup): string {
  if (markup instanceof Promise) throw new Problem('internal', 'A page was not ready in time.');
  return markup.toString();
}
