/** The gallery of docs/flows.md: what stands under each of its headings, for those who load and run it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const PAGE = join(import.meta.dirname, '../../docs/flows.md');

/** One entry. */
export interface Entry {
  readonly heading: string;
  /** The flow's name: said in words such as "In `flows/terms.yaml`", or else `login`. */
  readonly name: string;
  /** Text of the flow file. */
  readonly flow: string;
  /** Text of a piece of the main file, or null. */
  readonly fragment: string | null;
}

/** Its entries, in order. Throws where a heading has not exactly one flow below it. */
export function galleryEntries(): readonly Entry[] {
  const gallery = /^## Gallery\n(.*?)^## /ms.exec(readFileSync(PAGE, 'utf8'))?.[1] ?? '';
  return gallery
    .split(/^### /m)
    .slice(1)
    .map((section) => {
      const heading = section.slice(0, section.indexOf('\n'));
      const [flow, ...more] = blocksOf(section, 'flow');
      const [fragment = null, ...others] = blocksOf(section, 'config-fragment');
      if (flow === undefined || more.length + others.length > 0) {
        throw new Error(`"${heading}" in docs/flows.md has not one flow and at most one fragment`);
      }
      const name = /^In `flows\/([a-z-]+)\.yaml`/m.exec(section)?.[1] ?? 'login';
      return { heading, name, flow, fragment };
    });
}

function blocksOf(section: string, kind: string): readonly string[] {
  const blocks = section.matchAll(new RegExp(`^\`\`\`yaml ${kind}\\n(.*?)^\`\`\`$`, 'gms'));
  return [...blocks].map((block) => block[1] as string);
}
