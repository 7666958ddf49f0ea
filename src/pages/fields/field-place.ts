/** What every kind of field shares: its place on the page, its error by text and icon, boolean attributes. */
import { html } from 'hono/html';
import type { Message } from '../../core/values/message.ts';
import type { Say } from '../frame/document.ts';
import { icon, type Markup } from '../frame/icons.ts';
import { text } from '../texts/texts.ts';

/** How a field stands on its page. */
export interface FieldPlace {
  /** Id of the control, free of anything the stage chose. */
  readonly id: string;
  /**
   * Takes the focus when the page opens. `in-view`: only when the page need not scroll to it, since
   * there is much to see or read above it.
   */
  readonly focus: 'always' | 'in-view' | 'never';
  /** Id of further text that describes it (the summary of what went wrong), or null. */
  readonly describedBy: string | null;
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

/** Ties a control to its error and to the summary; nothing where there is neither. */
export function wrongFlags(error: Message | undefined, place: FieldPlace): Markup | null {
  const { describedBy } = place;
  if (error === undefined)
    return describedBy === null ? null : html` aria-describedby="${describedBy}"`;
  const ids = describedBy === null ? errorId(place) : `${describedBy} ${errorId(place)}`;
  return html` aria-invalid="true" aria-describedby="${ids}"`;
}

/** Brings the focus to a control. Without script a page that would have to scroll leaves it alone. */
export function focusFlag({ focus }: FieldPlace): Markup | null {
  if (focus === 'never') return null;
  return focus === 'always' ? html` autofocus` : html` data-focus-in-view`;
}

const FLAGS = {
  required: html` required`,
  checked: html` checked`,
  selected: html` selected`,
} as const;

/** A boolean attribute, where it is set. */
export function flag(name: keyof typeof FLAGS, isSet: boolean): Markup | null {
  return isSet ? FLAGS[name] : null;
}
