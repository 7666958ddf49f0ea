/**
 * Parses the README of a plug-in for the generated pages: heading, description, an example, and for
 * policies the reasons. A README of another form is refused with the remedy.
 */
import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

/** The contents of a README, with links rewritten relative to `docs/`. */
export interface Readme {
  /** The first paragraph. */
  readonly about: string;
  /** Its first YAML block, including fences and kind. */
  readonly example: string;
  /** The content of that block. */
  readonly yaml: string;
  /** Rows of the table `| reason | when |`; empty if there is none. */
  readonly reasons: readonly string[];
  /** Its path as a link from `docs/`. */
  readonly link: string;
}

/**
 * The README of a plug-in's folder. Throws unless it has the form that its list's README
 * prescribes.
 */
export function readmeOf(list: 'stages' | 'policies', type: string): Readme {
  const path = `src/${list}/${type}/README.md`;
  const text = readFileSync(join(ROOT, path), 'utf8');
  const refuse = (what: string): never => {
    throw new Error(`${path}: ${what}; its form is described in src/${list}/README.md`);
  };
  const [heading, about = ''] = text.split(/\n{2,}/);
  if (heading !== `# ${type}`) refuse(`begins with "# ${type}" and a blank line`);
  if (!/^[A-Z]/.test(about)) refuse('goes on with a paragraph that says what it is');
  const kind = list === 'stages' ? 'flow' : 'config-fragment';
  const block = new RegExp(`^\`\`\`yaml ${kind}\\n(.*?)^\`\`\`$`, 'ms').exec(text);
  if (block === null) return refuse(`has its example as a block of the kind "yaml ${kind}"`);
  const table = /^\| reason +\| when +\|\n\|[-| ]+\|\n((?:\|.*\|\n)*)/m.exec(text);
  if (list === 'policies' && table === null) refuse('has a table "| reason | when |"');
  return {
    about: rebased(about, path),
    example: block[0],
    yaml: block[1] as string,
    reasons: rebased(table?.[1] ?? '', path)
      .split('\n')
      .filter((row) => row !== ''),
    link: relative('docs', path),
  };
}

/** Links relative to its folder become relative to `docs/`; those to siblings become anchors. */
function rebased(text: string, path: string): string {
  return text.replace(/\]\(((?:\.\.\/|\.\/)[^)\s#]+)(#[^)\s]+)?\)/g, (_, target, anchor = '') => {
    const sibling = /^\.\.\/([a-z_]+)\/README\.md$/.exec(target);
    if (sibling !== null) return `](#${sibling[1]})`;
    return `](${relative('docs', join(dirname(path), target))}${anchor})`;
  });
}
