/** What all kinds of fields share: the slot on the page, the error as text and icon, boolean attributes. */
import { html } from 'hono/html';
import type { Message } from '../../core/values/message.ts';
import type { Say } from '../frame/document.ts';
import { icon, type Markup } from '../frame/icons.ts';
import { text } from '../texts/texts.ts';

/** A field's slot on its page. */
export interface FieldSlot {
  /** Id of the control; never contains anything that a stage or user chose. */
  readonly id: string;
  /**
   * Whether the control takes the focus when the page opens. `in-view`: only if the page need not
   * scroll to it, so that users see what comes before it.
   */
  readonly focus: 'always' | 'in-view' | 'never';
  /** Id of the error summary if it describes the control too, or null. */
  readonly describedBy: string | null;
  /** Whether the field's own button is the main button of the form. */
  readonly isPrimary: boolean;
  /** Link for “Not you?”, or null. */
  readonly restart: { readonly url: string; readonly label: string } | null;
}

/** Id of the field's error. */
export function errorId(slot: FieldSlot): string {
  return `${slot.id}-error`;
}

/** The error, or null without one. */
export function errorMarkup(error: Message | undefined, slot: FieldSlot, say: Say): Markup | null {
  if (error === undefined) return null;
  return html`<p class="error" id="${errorId(slot)}">${icon('warning')}<span class="unseen">${say(text('page.error'))} </span>${say(error)}</p>`;
}

/** Attributes that tie a control to its error and to the summary; null without either. */
export function wrongFlags(error: Message | undefined, slot: FieldSlot): Markup | null {
  const { describedBy } = slot;
  if (error === undefined)
    return describedBy === null ? null : html` aria-describedby="${describedBy}"`;
  const ids = describedBy === null ? errorId(slot) : `${describedBy} ${errorId(slot)}`;
  return html` aria-invalid="true" aria-describedby="${ids}"`;
}

/** The attribute for the focus. `in-view` needs the script; without it, the control has no focus. */
export function focusFlag({ focus }: FieldSlot): Markup | null {
  if (focus === 'never') return null;
  return focus === 'always' ? html` autofocus` : html` data-focus-in-view`;
}

const FLAGS = {
  required: html` required`,
  checked: html` checked`,
  selected: html` selected`,
} as const;

/** The boolean attributes that are set. */
export function flags(set: Partial<Record<keyof typeof FLAGS, boolean>>): (Markup | null)[] {
  const { required, checked, selected } = set;
  return [
    checked === true ? FLAGS.checked : null,
    required === true ? FLAGS.required : null,
    selected === true ? FLAGS.selected : null,
  ];
}
