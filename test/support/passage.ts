/** Visits to providers, as a flow makes them. */
import { createHash } from 'node:crypto';
import type { Passage } from '../../src/core/sources/source.ts';

export const REDIRECT_URI = 'http://127.0.0.1:9/flow/login/back';

/** A passage whose values nothing else has. */
export function passage(seed = 'a'): Passage {
  const random = (what: string): string =>
    createHash('sha256').update(`${what} ${seed}`).digest('base64url');
  return {
    state: random('state'),
    nonce: random('nonce'),
    verifier: random('verifier'),
    redirectUri: REDIRECT_URI,
    maxAge: null,
  };
}
