/**
 * The gallery of docs/flows.md: the content under each heading, for the tests that load and run it.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const PAGE = join(import.meta.dirname, '../../docs/flows.md');

/** One entry. */
export interface Entry {
  readonly heading: string;
  /** The flow's name from words such as "In `flows/terms.yaml`", otherwise `login`. */
  readonly name: string;
  /** Text of the flow file. */
  readonly flow: string;
  /** Text of a fragment of the main file, or null. */
  readonly fragment: string | null;
}

/** The entries in order. Throws if a heading has not exactly one flow. */
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
