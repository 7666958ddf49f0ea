/** Checks the session secrets: long and hard to guess. Never shows one. */
import { below, blame, type Spot, withoutSource } from '../faults/spot.ts';

/** Fewest characters of a secret. */
const MIN_SECRET = 32;
const MAX_SECRET = 1024;

/** Parts of secrets that are copied from manuals or typed by hand. */
const KNOWN =
  /change.?me|password|secret|example|insecure|replace|placeholder|doorward|your[-_ ]|0123456789|1234567890|abcdefghij|qwertz|qwerty/i;

/** Notes faults of secrets, without their source lines. */
export function checkSecrets(
  { secrets, isNeeded }: { readonly secrets: readonly string[]; readonly isNeeded: boolean },
  root: Spot,
): void {
  const spot = below(withoutSource(root), 'session', 'secrets');
  const remedy = 'make one with: openssl rand -base64 48';
  if (secrets.length === 0 && isNeeded) {
    blame(spot, `missing, expected a list of secrets, the same in every process; ${remedy}`);
  }
  for (const [index, secret] of secrets.entries()) {
    const at = below(spot, index);
    if (secret.length < MIN_SECRET) {
      blame(at, `expected at least ${MIN_SECRET} characters, not ${secret.length}; ${remedy}`);
    } else if (secret.length > MAX_SECRET) {
      blame(at, `expected at most ${MAX_SECRET} characters`);
    } else if (isGuessable(secret)) {
      blame(at, `easy to guess; ${remedy}`);
    } else if (secrets.indexOf(secret) < index) {
      blame(at, 'duplicate secret; remove one of them');
    }
  }
}

function isGuessable(secret: string): boolean {
  if (KNOWN.test(secret) || new Set(secret).size < 8) return true;
  for (let unit = 1; unit <= secret.length / 2; unit += 1) {
    if (secret === secret.slice(0, unit).repeat(secret.length).slice(0, secret.length)) return true;
  }
  return false;
}
