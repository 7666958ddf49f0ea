/**
 * The frame of every page: head, brand, one main part. Everything interpolated is escaped
 * by hono/html; nothing is inline, nothing comes from a third party.
 */
import { html } from 'hono/html';
import type { Body } from '../../core/request/dialect.ts';
import type { Message, OwnTexts } from '../../core/values/message.ts';
import { Problem } from '../../core/values/problem.ts';
import type { Brand } from '../views.ts';
import type { Catalogue } from '../words/catalogue.ts';
import { directionOf } from '../words/language.ts';
import type { AssetName } from './assets.ts';
import type { Markup } from './icons.ts';

/** What every page is made with. */
export interface PageTools {
  readonly words: Catalogue;
  /** URL of an asset: a path on the portal, or absolute for pages under other hosts. */
  readonly assetUrl: (name: AssetName) => string;
}

/** Says a message in the page's language. */
export type Say = (message: Message) => string;

/** Ties the catalogue to one page's language, and to what is said there in place of it. */
export function sayIn(tools: PageTools, language: string | null, own?: OwnTexts): Say {
  return (message) => tools.words.say(message, language, own);
}

/** One page. */
export interface PageParts {
  /** What the page is, without the brand. */
  readonly title: string;
  readonly brand: Brand;
  readonly language: string | null;
  readonly width: 'narrow' | 'wide';
  /** Style sheets beside those that every page has. */
  readonly sheets?: readonly AssetName[];
  /** Our scripts that make the page more comfortable, in their order; none when left out. */
  readonly scripts?: readonly AssetName[];
  /** URLs of a captcha's scripts, as captcha.ts has them; none when left out. */
  readonly foreignScripts?: readonly string[];
  /** Beside the brand, or null. */
  readonly aside: Markup | null;
  readonly main: Markup;
}

/** The whole page. */
export function page(parts: PageParts, tools: PageTools): Body {
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

/** Our templates hold no promises; one that did would be a fault of ours. */
function textOf(markup: Markup): string {
  if (markup instanceof Promise) throw new Problem('internal', 'A page was not ready in time.');
  return markup.toString();
}
