/** Secrets and codes that are shown once: a QR code with its text, a list of codes; to copy, keep and print. */
import { html, raw } from 'hono/html';
import { encode } from 'uqr';
import type { Field } from '../../core/flow/challenge.ts';
import type { Say } from '../frame/document.ts';
import type { Markup } from '../frame/icons.ts';
import { type TextKey, text } from '../texts/texts.ts';
import type { FieldPlace } from './field-place.ts';

/** Most that is drawn, in bytes of UTF-8: more than any key URI, less than a phone could not read. */
const MAX_QR = 800;
/** Light modules around it (ISO/IEC 18004). */
const BORDER = 4;

/** The picture, a link for who reads this on the phone itself, and the secret for who must type it. */
export function qrMarkup(
  field: Extract<Field, { kind: 'qr' }>,
  place: FieldPlace,
  say: Say,
): Markup {
  const isLink = field.text.startsWith('otpauth://');
  return html`<div class="keep" id="${place.id}"${keepWords(say)}>${picture(field.text, say(field.label), place)}${
    isLink
      ? html`<p class="quiet"><a href="${field.text}">${say(text('field.qr.open'))}</a></p>`
      : null
  }<p class="secret-text">${say(text('field.qr.type'))} <code data-keep>${field.secret}</code></p>${tools(['copy'], say)}</div>`;
}

/** The codes as a list; print shows little else. */
export function codesMarkup(
  field: Extract<Field, { kind: 'codes' }>,
  place: FieldPlace,
  say: Say,
): Markup {
  const labelId = `${place.id}-label`;
  return html`<div class="keep codes" id="${place.id}" role="group" aria-labelledby="${labelId}"${keepWords(say)}><p class="label" id="${labelId}">${say(field.label)}</p><ol>${field.codes.map(
    (code) => html`<li><code data-keep>${code}</code></li>`,
  )}</ol>${tools(['copy', 'download', 'print'], say)}</div>`;
}

/** Drawn in the page, dark on light in either scheme. Nothing where it would be too much to read. */
function picture(content: string, label: string, place: FieldPlace): Markup | null {
  if (content === '' || Buffer.byteLength(content) > MAX_QR) return null;
  const { size, data } = encode(content, { ecc: 'M', border: BORDER });
  const titleId = `${place.id}-title`;
  return html`<svg class="qr" role="img" aria-labelledby="${titleId}" viewBox="0 0 ${size} ${size}" shape-rendering="crispEdges"><title id="${titleId}">${label}</title><rect width="${size}" height="${size}" fill="#fff"/><path fill="#000" d="${raw(pathOf(data))}"/></svg>`;
}

/** One stroke for each run of dark modules in a row. */
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

/** Hidden until the script, which alone can make them work, shows them. */
function tools(names: readonly ('copy' | 'download' | 'print')[], say: Say): Markup {
  const buttons = names.map(
    (name) =>
      html`<button type="button" class="plain-button" hidden data-does="${name}">${say(text(`field.${name}` satisfies TextKey))}</button>`,
  );
  return html`<div class="tools">${buttons}</div><p class="told" role="status"></p>`;
}
