/** Inline icons in the color of the text, hidden from screen readers. */
import { html, raw } from 'hono/html';

export type IconName = 'warning' | 'info' | 'closed' | 'lock' | 'search' | 'go' | 'key' | 'shield';
export type Markup = ReturnType<typeof html>;

/** 24 × 24, strokes in the current color. */
const PATHS: Readonly<Record<IconName, string>> = {
  warning: '<path d="M12 3.5 2.5 20h19z"/><path d="M12 10v4.5M12 17.2v.3"/>',
  info: '<circle cx="12" cy="12" r="9"/><path d="M12 11v5.5M12 7.5v.3"/>',
  closed: '<path d="M5 21V10a7 7 0 0 1 14 0v11z"/><path d="M9.5 11.5l5 5m0-5-5 5"/>',
  lock: '<rect x="5" y="11" width="14" height="9" rx="2"/><path d="M8 11V8a4 4 0 0 1 8 0v3"/>',
  search: '<circle cx="11" cy="11" r="6.5"/><path d="m16 16 4.5 4.5"/>',
  key: '<circle cx="8" cy="15.5" r="4.5"/><path d="m11.2 12.3 8.3-8.3M16 7.5l3 3"/>',
  shield: '<path d="M12 3 4.5 6v5.5c0 4.6 3 8 7.5 9.5 4.5-1.5 7.5-4.9 7.5-9.5V6z"/>',
  go: '<path d="M5 12h14m-6-6 6 6-6 6"/>',
};

/** An icon as markup. */
export function icon(name: IconName): Markup {
  return html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">${raw(PATHS[name])}</svg>`;
}
