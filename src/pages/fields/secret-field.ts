/** Secrets that are shown once: a QR code with its text, a list of codes, or a token, with buttons to copy, download, and print. */
import { html, raw } from 'hono/html';
import { encode } from 'uqr';
import type { Field } from '../../core/flow/challenge.ts';
import type { Say } from '../frame/document.ts';
import type { Markup } from '../frame/icons.ts';
import { type TextKey, text } from '../texts/texts.ts';
import type { FieldSlot } from './field-slot.ts';

/** Longest text of a QR code, in bytes of UTF-8: longer than any key URI, short enough for a phone camera. */
const MAX_QR = 800;
/** Quiet zone around the code, in modules (ISO/IEC 18004). */
const BORDER = 4;

/** The QR code, a link for users who are on the phone already, and the secret to enter by hand. */
export function qrMarkup(field: Extract<Field, { kind: 'qr' }>, slot: FieldSlot, say: Say): Markup {
  const isLink = field.text.startsWith('otpauth://');
  return html`<div class="keep" id="${slot.id}"${keepWords(say)}>${picture(field.text, say(field.label), slot)}${
    isLink
      ? html`<p class="quiet"><a href="${field.text}">${say(text('field.qr.open'))}</a></p>`
      : null
  }<p class="secret-text">${say(text('field.qr.type'))} <code data-keep>${field.secret}</code></p>${tools(['copy'], say)}</div>`;
}

/** The codes as a list. Printed pages show little else. */
export function codesMarkup(
  field: Extract<Field, { kind: 'codes' }>,
  slot: FieldSlot,
  say: Say,
): Markup {
  const labelId = `${slot.id}-label`;
  return html`<div class="keep codes" id="${slot.id}" role="group" aria-labelledby="${labelId}"${keepWords(say)}><p class="label" id="${labelId}">${say(field.label)}</p><ol>${field.codes.map(
    (code) => html`<li><code data-keep>${code}</code></li>`,
  )}</ol>${tools(['copy', 'download', 'print'], say)}</div>`;
}

/** A secret to copy. One click selects it, without the script too. */
export function secretMarkup(
  field: Extract<Field, { kind: 'secret' }>,
  slot: FieldSlot,
  say: Say,
): Markup {
  const labelId = `${slot.id}-label`;
  return html`<div class="keep once" id="${slot.id}" role="group" aria-labelledby="${labelId}"${keepWords(say)}><p class="label" id="${labelId}">${say(field.label)}</p><code data-keep translate="no">${field.secret}</code>${tools(['copy'], say)}</div>`;
}

/** Dark on light in both color schemes, because many scanners fail otherwise. Null for a text that is too long. */
function picture(content: string, label: string, slot: FieldSlot): Markup | null {
  if (content === '' || Buffer.byteLength(content) > MAX_QR) return null;
  const { size, data } = encode(content, { ecc: 'M', border: BORDER });
  const titleId = `${slot.id}-title`;
  return html`<svg class="qr" role="img" aria-labelledby="${titleId}" viewBox="0 0 ${size} ${size}" shape-rendering="crispEdges"><title id="${titleId}">${label}</title><rect width="${size}" height="${size}" fill="#fff"/><path fill="#000" d="${raw(pathOf(data))}"/></svg>`;
}

/** One rectangle for each run of dark modules in a row. */
function pathOf(rows: readonly (readonly boolean[])[]): string {
  let path = '';
  for (const [y, row] of rows.entries()) {
    for (let x = 0; x < row.length; x += 1) {
      if (row[x] !== true) continue;
      const from = x;
      while (row[x + 1] === true) x += 1;
      const length = x + 1 - from;
      path += `M${from} ${y}h${length}v1h-${length}z`;
    }
  }
  return path;
}

function keepWords(say: Say): Markup {
  return html` data-copied="${say(text('field.copied'))}" data-by-hand="${say(text('field.copy-by-hand'))}"`;
}

/** Hidden until the script that they need shows them. */
function tools(names: readonly ('copy' | 'download' | 'print')[], say: Say): Markup {
  const buttons = names.map(
    (name) =>
      html`<button type="button" class="plain-button" hidden data-does="${name}">${say(text(`field.${name}` satisfies TextKey))}</button>`,
  );
  return html`<div class="tools">${buttons}</div><p class="message" role="status"></p>`;
}
