/**
 * What a provider's redirect or form brings to `/flow/NAME/back`. A form comes from another site, so the
 * browser omits our cookies with it (SameSite=Lax). It is therefore sent on to a GET of the same path: the
 * answer travels sealed in the URL, so that no log or history contains a code.
 */
import { MAX_ANSWER } from '../../core/sources/passage.ts';
import type { Vault } from '../../core/values/system.ts';

const PURPOSE = 'source-answer';
/** What a form passes on; an ID token would not fit in a URL, and is not used. */
const PASSED = ['state', 'code', 'iss', 'error', 'error_description', 'user'];
/** Longest answer of a form, in characters: sealed, it must fit in the request line that proxies accept. */
const MAX_FORM = 3072;
/** The parameter with a sealed answer. */
const SEALED = 'answer';

/** The path to which a form's answer is sent on; null if it is too long or repeats a parameter. */
export function sentOnTo(
  vault: Pick<Vault, 'seal'>,
  flow: string,
  form: Readonly<Record<string, unknown>>,
): string | null {
  const answer = new URLSearchParams();
  for (const name of PASSED) {
    const value = form[name];
    if (typeof value === 'string') answer.set(name, value);
  }
  const text = answer.toString();
  if (text.length > MAX_FORM || !answer.has('state')) return null;
  const sealed = Buffer.from(vault.seal(PURPOSE, flow, text)).toString('base64url');
  return `/flow/${encodeURIComponent(flow)}/back?${SEALED}=${sealed}`;
}

/** The answer of a GET as a query string without `?`; null if it is none. */
export function readAnswer(vault: Pick<Vault, 'open'>, flow: string, query: string): string | null {
  const text = query.replace(/^\?/, '');
  if (text.length > MAX_ANSWER) return null;
  const [name, sealed, ...more] = text.split('=');
  if (name !== SEALED) return text;
  if (sealed === undefined || more.length > 0 || !/^[A-Za-z0-9_-]+$/.test(sealed)) return null;
  return vault.open(PURPOSE, flow, Buffer.from(sealed, 'base64url'));
}
