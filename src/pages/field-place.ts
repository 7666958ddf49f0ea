/** What every kind of field shares: its place on the page, its error by text and icon, boolean attributes. */
import { html } from 'hono/html';
import type { Message } from '../core/message.ts';
import type { Say } from './document.ts';
import { icon, type Markup } from './icons.ts';
import { text } from './texts/texts.ts';

/** How a field stands on its page. */
export interface FieldPlace {
  /** Id of the control, free of anything the stage chose. */
  readonly id: string;
  /** Takes the focus when the page opens. */
  readonly autofocus: boolean;
  /** Whether its own button is the form's main one. */
  readonly isPrimary: boolean;
  /** Link for "not you?", or null. */
  readonly restart: { readonly url: string; readonly label: string } | null;
}

/** Where the error of a field is. */
export function errorId(place: FieldPlace): string {
  return `${place.id}-error`;
}

/** The error in words, or nothing. */
export function errorMarkup(
  error: Message | undefined,
  place: FieldPlace,
  say: Say,
): Markup | null {
  if (error === undefined) return null;
  return html`<p class="error" id="${errorId(place)}">${icon('warning')}<span class="unseen">${say(text('page.error'))} </span>${say(error)}</p>`;
}

/** Ties a control to its error; nothing where there is none. */
export function wrongFlags(error: Message | undefined, place: FieldPlace): Markup | null {
  if (error === undefined) return null;
  return html` aria-invalid="true" aria-describedby="${errorId(place)}"`;
}

const FLAGS = {
  required: html` required`,
  checked: html` checked`,
  selected: html` selected`,
  autofocus: html` autofocus`,
} as const;

/** A boolean attribute, where it is set. */
export function flag(name: keyof typeof FLAGS, isSet: boolean): Markup | null {
  return isSet ? FLAGS[name] : null;
}
