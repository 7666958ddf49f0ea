/** Unicode compatibility normalization in linear time for any text. */

/** Characters that normalization may reorder or compose: marks, and the two that become marks. */
const CROWDED = /[\p{M}\uFF9E\uFF9F]{31}/u;
const RUN = /([\p{M}\uFF9E\uFF9F]{30})(?=[\p{M}\uFF9E\uFF9F])/gu;

/**
 * Returns the NFKC form. Engines sort a run of combining marks by insertion, which takes quadratic
 * time, and no language needs more than a few in a row. Longer runs are therefore split by a
 * combining grapheme joiner after every 30 marks, as in the Stream-Safe Text Format (UAX #15,
 * UAX15-D4).
 */
export function nfkc(text: string): string {
  const safe = CROWDED.test(text) ? text.replace(RUN, '$1\u034F') : text;
  return safe.normalize('NFKC');
}
