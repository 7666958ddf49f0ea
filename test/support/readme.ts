/**
 * The README of a plug-in, as the generated pages take it apart: heading, what it is, an example,
 * and for policies the reasons. A README of another form is refused with the remedy.
 */
import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

/** What a README says, links made to be read from `docs/`. */
export interface Readme {
  /** The first paragraph. */
  readonly about: string;
  /** Its first YAML block, whole, fences and kind included. */
  readonly example: string;
  /** What stands in that block. */
  readonly yaml: string;
  /** Rows of the table `| reason | when |`; empty where there is none. */
  readonly reasons: readonly string[];
  /** Its path as a link from `docs/`. */
  readonly link: string;
}

/** The README of a plug-in's folder. Throws when it has not the form that its list's README tells. */
export function readmeOf(list: 'stages' | 'policies', type: string): Readme {
  const path = `src/${list}/${type}/README.md`;
  const text = readFileSync(join(ROOT, path), 'utf8');
  const refuse = (what: string): never => {
    throw new Error(`${path}: ${what}; its form is told in src/${list}/README.md`);
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

/** Links that lead somewhere from its folder lead there from `docs/`; those to siblings stay on the page. */
function rebased(text: string, path: string): string {
  return text.replace(/\]\(((?:\.\.\/|\.\/)[^)\s#]+)(#[^)\s]+)?\)/g, (_, target, anchor = '') => {
    const sibling = /^\.\.\/([a-z_]+)\/README\.md$/.exec(target);
    if (sibling !== null) return `](#${sibling[1]})`;
    return `](${relative('docs', join(dirname(path), target))}${anchor})`;
  });
}
