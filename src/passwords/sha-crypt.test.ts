import { describe, expect, it } from 'vitest';
import { verifyShaCrypt } from './sha-crypt.ts';

const LONG =
  'we have a short salt string but not a short password, and it is longer than sixty-four bytes.';

/** From the specification, and from crypt(3) of glibc. */
const vectors: readonly (readonly [string, string])[] = [
  ['Hello world!', '$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5'],
  [
    'Hello world!',
    '$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1',
  ],
  ['Hello world!', '$5$rounds=10000$saltstringsaltst$3xv.VbSHBb41AL9AvLeujZkZRBAwqFMz2.opqey6IcA'],
  [LONG, '$5$saltstring$lPA2ANnUMYp/voq7Jv9yuzD5qujIcVqJ.1mUxkTenEB'],
  [
    LONG,
    '$6$rounds=1400$anotherlongsalts$BzS1nJXDOjYcqy7ZoUTHMFMYz1hatDyE/0yfLTJvGv.8CQVR1ffSmFjS6GzHoMNt6F.SRfCWg0E2DQAHxx3LH.',
  ],
  ['päss', '$5$saltstring$6G3HI990O.FtcpzpgeQzNXoeB9pWn9YU.gVTtFgbMz/'],
];

describe('SHA-crypt', () => {
  it.each(vectors)('verifies %j against %s', (password, hash) => {
    expect(verifyShaCrypt(hash, password)).toBe(true);
    expect(verifyShaCrypt(hash, `${password} `)).toBe(false);
    expect(verifyShaCrypt(hash, '')).toBe(false);
  });

  it.each(['', '$5$', '$5$salt$', '$6$salt$abc', '$7$salt$abc'])('is false for %j', (hash) => {
    expect(verifyShaCrypt(hash, 'a')).toBe(false);
  });
});
