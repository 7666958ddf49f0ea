/**
 * The frame of our HTML emails: no pictures, nothing to load, and few styles, each where it is used,
 * so that every reader shows it alike; colours are the reader’s own.
 */

const BODY =
  'margin:0 auto;padding:24px 16px;max-width:34rem;font:16px/1.55 system-ui,-apple-system,Segoe UI,Roboto,Arial,sans-serif';
const LARGE = 'font-size:28px;letter-spacing:3px;margin:24px 0';
const SMALL = 'font-size:14px';
const WAY = 'font-size:18px;font-weight:600;margin:24px 0';

/** The code, large enough to be read off a phone. */
export const CODE = `<p style="${LARGE}"><strong>{code}</strong></p>`;

/** The link, in these words. */
export function link(words: string): string {
  return `<p style="${WAY}"><a href="{link}">${words}</a></p>`;
}

/** A paragraph; of a lesser kind, where it is only good to know. */
export function paragraph(words: string, kind: 'plain' | 'small' = 'plain'): string {
  return kind === 'plain' ? `<p>${words}</p>` : `<p style="${SMALL}">${words}</p>`;
}

/** A whole email under this heading, of these parts, which are HTML already. */
export function page(language: string, heading: string, parts: readonly string[]): string {
  return `<!doctype html>
<html lang="${language}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${heading}</title></head>
<body style="${BODY}">
<main>
<h1 style="font-size:20px;line-height:1.3;margin:0 0 16px">${heading}</h1>
${parts.join('\n')}
</main>
</body>
</html>
`;
}
