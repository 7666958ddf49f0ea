/** The frame of our HTML letters: no pictures, no styles, nothing to load, so that every reader shows it alike. */

/** A whole page of these paragraphs, which are HTML already. */
export function page(language: string, paragraphs: readonly string[]): string {
  const body = paragraphs.map((paragraph) => `<p>${paragraph}</p>`).join('\n');
  return `<!doctype html>
<html lang="${language}">
<head><meta charset="utf-8"><title>{site}</title></head>
<body>
${body}
</body>
</html>
`;
}
