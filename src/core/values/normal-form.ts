/** Unicode compatibility normalization whose time stays linear, whatever the text. */

/** Characters that normalization may reorder or compose: marks, and the two that become marks. */
const CROWDED = /[\p{M}\uFF9E\uFF9F]{31}/u;
const RUN = /([\p{M}\uFF9E\uFF9F]{30})(?=[\p{M}\uFF9E\uFF9F])/gu;

/**
 * NFKC. Engines sort a run of combining marks by insertion, in the square of its length; no
 * language has more than a few in a row. Longer runs are split after every 30 by a combining
 * grapheme joiner, as the Stream-Safe Text Format does (UAX #15, UAX15-D4).
 */
export function nfkc(text: string): string {
  const safe = CROWDED.test(text) ? text.replace(RUN, '$1\u034F') : text;
  return safe.normalize('NFKC');
}
