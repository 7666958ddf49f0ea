/**
 * Browsers that somebody has signed in with before (OWASP's "device cookies"): guessing from afar
 * slows down strangers under that name and must not lock out who is known. Being known opens
 * nothing; it only means a count of tries of one's own, as strict as everybody's.
 */
import type { Random, Vault } from '../core/ports.ts';

/** People who are remembered in one browser; a fifth takes the place of the one longest gone. */
const MOST = 4;
const PURPOSE = 'known-browser';

/** One mark a person, the last to sign in first. */
type Marks = readonly string[];

/** The marks of a cookie's value; whether they are ours shows only when they are asked about. */
export function marksOf(value: string | null): Marks {
  return value === null ? [] : value.split('.').slice(0, MOST);
}

/** The random id under which this browser is known to have signed this user in, or null. */
export function knownAs(vault: Vault, marks: Marks, userId: string): string | null {
  const mark = markOf(vault, marks, userId);
  return mark === undefined ? null : idOf(mark);
}

/** The cookie's value once this user has signed in. */
export function remember(
  deps: { readonly vault: Vault; readonly random: Random },
  marks: Marks,
  userId: string,
): string {
  const own = markOf(deps.vault, marks, userId) ?? made(deps, userId);
  return [own, ...marks.filter((mark) => mark !== own)].slice(0, MOST).join('.');
}

function made(deps: { readonly vault: Vault; readonly random: Random }, userId: string): string {
  const id = deps.random.token(16);
  return `${id}~${deps.vault.sign(PURPOSE, bound(id, userId))}`;
}

function markOf(vault: Vault, marks: Marks, userId: string): string | undefined {
  return marks.find((mark) => {
    const id = idOf(mark);
    return vault.verify(PURPOSE, bound(id, userId), mark.slice(id.length + 1));
  });
}

function idOf(mark: string): string {
  return mark.split('~', 1)[0] ?? '';
}

function bound(id: string, userId: string): string {
  return `${id}|${userId}`;
}
