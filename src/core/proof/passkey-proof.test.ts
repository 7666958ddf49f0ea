import { describe, expect, it } from 'vitest';
import { userHandle } from './passkey-proof.ts';

describe('the handle of a user', () => {
  it.each(['glR6qFyCTDb3Qs9AgMCtp3', 'AAAAAAAAAAAAAAAAAAAAA_', 'AAAAAAAAAAAAAAAAAAAAAA'])(
    'comes back from browsers as it was given, cut as %s may be',
    (name) => {
      const handle = userHandle({ name: () => name }, 'embedded/ann');
      // Browsers store the bytes and encode them again as base64url.
      expect(Buffer.from(handle, 'base64url').toString('base64url')).toBe(handle);
      expect(Buffer.from(handle, 'base64url')).toEqual(Buffer.from(name, 'base64url'));
    },
  );
});
