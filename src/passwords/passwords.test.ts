import { pbkdf2Sync, scryptSync } from 'node:crypto';
import { hashSync } from 'bcryptjs';
import { describe, expect, it } from 'vitest';
import { Problem } from '../core/values/problem.ts';
import { createPasswords } from './passwords.ts';

const passwords = createPasswords();
const salt = Buffer.from('sixteen bytes...');
const b64 = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '');
const adapted = (bytes: Buffer) => b64(bytes).replaceAll('+', '.');

const imported: Readonly<Record<string, string>> = {
  'bcrypt 2a': hashSync('correct horse', 4).replace('$2b$', '$2a$'),
  'bcrypt 2b': hashSync('correct horse', 4),
  'bcrypt 2y': hashSync('correct horse', 4).replace('$2b$', '$2y$'),
  scrypt: `$scrypt$ln=4,r=8,p=1$${b64(salt)}$${b64(scryptSync('correct horse', salt, 32, { N: 16, r: 8, p: 1 }))}`,
  'pbkdf2-sha512': `$pbkdf2-sha512$1000$${adapted(salt)}$${adapted(pbkdf2Sync('correct horse', salt, 1000, 64, 'sha512'))}`,
  pbkdf2: `$pbkdf2$1000$${adapted(salt)}$${adapted(pbkdf2Sync('correct horse', salt, 1000, 20, 'sha1'))}`,
  'SHA-crypt 5': '$5$saltstring$vc6YOOogU4kWVvwga8e9zTFgKcy4tb5LaPxIiPJzqEC',
  // Created by glibc's crypt(3), the argon2 command of Debian (the reference implementation) and
  // Python's hashlib.
  'DIR-crypt: {CRYPT} $6$':
    '{CRYPT}$6$rounds=1000$saltstring$YiR6NSM0LQXmu7vAhkMXfkdYk7qtFouVx1Mdr3HmzXspT8kONjlpU3CsV7ezCB62uXJoAdaagsH4ck7/tB9js.',
  'DIR-crypt: {crypt} $5$': '{crypt}$5$saltstring$vc6YOOogU4kWVvwga8e9zTFgKcy4tb5LaPxIiPJzqEC',
  'DIR-crypt: {CRYPT} $2b$': '{CRYPT}$2b$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e',
  'DIR-crypt: {CRYPT} $argon2id$':
    '{CRYPT}$argon2id$v=19$m=1024,t=2,p=2$c29tZXNhbHRzb21lc2FsdA$tsO6Y2aSBljG2z0xzqpPrCfUfGL6p4s+3/dK55iDYUs',
  'DIR-crypt: {ARGON2}':
    '{ARGON2}$argon2id$v=19$m=1024,t=2,p=2$c29tZXNhbHRzb21lc2FsdA$tsO6Y2aSBljG2z0xzqpPrCfUfGL6p4s+3/dK55iDYUs',
  'DIR-django: pbkdf2_sha256':
    'pbkdf2_sha256$600000$wq2Yb7Kc0TnX3mZs5LfPrH$Q6ZBkdCHKPNxtkc3Ss8uVTtmzOHu9Tu09S1iDcDb5O8=',
  'DIR-django: pbkdf2_sha1': 'pbkdf2_sha1$1000$aSalt$Jt2rnOb93e9thvlVOwnVDuxg6BY=',
  'DIR-django: argon2':
    'argon2$argon2id$v=19$m=1024,t=2,p=2$c29tZXNhbHRzb21lc2FsdA$tsO6Y2aSBljG2z0xzqpPrCfUfGL6p4s+3/dK55iDYUs',
  '{SSHA}': '{SSHA}N4i71PTMYNxRWwTISETcBT8GLxY4IGJ5dGVzIQ==',
  '{SSHA256}': '{SSHA256}gCUqDxEIspimAtjHVqQr6N1uZ/SbeK1l9Y/W6kSjcis4IGJ5dGVzIQ==',
  '{SSHA384}':
    '{SSHA384}yyTpabohwhmahMe/UQdHyDo1bA58mlF+zjuP85QzCUy+k81Pg87hnzh71J2yl+9lOCBieXRlcyE=',
  '{SSHA512}':
    '{SSHA512}FwHQoZ+Fj3nwCEucy+CwDZy434VK+f9Yv5vnujlpsSg99dQW8ZGuko0tTsLSNqzoW8cfWkiDgNYJZbHnm7gBKzggYnl0ZXMh',
};

describe('passwords', () => {
  it('makes argon2id hashes with a salt of their own, and verifies them', async () => {
    const [one, two] = [
      await passwords.hash('correct horse'),
      await passwords.hash('correct horse'),
    ];
    expect(one).toMatch(/^\$argon2id\$v=19\$m=65536,t=3,p=4\$/);
    expect(one).not.toBe(two);
    expect(await passwords.verify(one, 'correct horse')).toBe('right');
    expect(await passwords.verify(one, 'correct horse ')).toBe('wrong');
    expect(passwords.isHash(one)).toBe(true);
    expect(passwords.isOutdated(one)).toBe(false);
  });

  it.each(Object.entries(imported))(
    '%s: verifies an imported hash and calls it outdated',
    async (_, hash) => {
      expect(passwords.isHash(hash)).toBe(true);
      expect(passwords.isOutdated(hash)).toBe(true);
      expect(await passwords.verify(hash, 'correct horse')).toBe('right');
      expect(await passwords.verify(hash, 'Correct horse')).toBe('wrong');
    },
  );

  it('treats every keyboard’s spelling of a letter alike', async () => {
    const hash = await passwords.hash('p\u00e4ss \ufb01sh');
    expect(await passwords.verify(hash, 'pa\u0308ss fish')).toBe('right');
  });

  it.each([
    ['nothing', ''],
    ['1025 bytes', 'a'.repeat(1025)],
    ['1026 bytes in 342 characters', '€'.repeat(342)],
    ['what grows beyond 1024 bytes in NFKC', '\ufdfa'.repeat(340)],
    ['NUL', 'correct horse\0battery'],
    ['half a character', 'correct \ud800 horse'],
  ])('refuses %s before hashing', async (_, password) => {
    await expect(passwords.hash(password)).rejects.toMatchObject({ code: 'password/unusable' });
    expect(await passwords.verify(imported['bcrypt 2b'] as string, password)).toBe('wrong');
  });

  it('does not verify a bcrypt hash by the text before NUL', async () => {
    expect(await passwords.verify(imported['bcrypt 2b'] as string, 'correct horse\0x')).toBe(
      'wrong',
    );
  });

  it('does not verify a password by its first 72 bytes, which is all that bcrypt reads', async () => {
    const whole = 'x'.repeat(72);
    expect(await passwords.verify(hashSync(whole, 4), whole)).toBe('right');
    const longer = hashSync(`${whole}right end`, 4);
    for (const password of [`${whole}wrong end`, `${whole}right end`]) {
      expect(await passwords.verify(longer, password)).toBe('wrong');
    }
  });

  it('never verifies for an unknown user or for a text that is not a hash', async () => {
    for (const hash of [
      null,
      '',
      'correct horse',
      '$argon2id$v=19$m=4194304,t=1,p=1$c29tZXNhbHQ$AAAA',
    ]) {
      expect(await passwords.verify(hash, 'correct horse')).toBe('wrong');
    }
  });

  it('is busy when the queue is full, and free again afterwards', async () => {
    const small = createPasswords({ concurrency: 1, waiting: 5, reserved: 0 });
    const first = small.verify(null, 'a');
    const second = small.verify(null, 'a');
    expect(await small.verify(null, 'a')).toBe('busy');
    const refusal = await small.hash('a').catch((caught: unknown) => caught);
    expect(refusal).toBeInstanceOf(Problem);
    expect(refusal).toMatchObject({ code: 'passwords/busy', status: 503, retryAfter: 2 });
    expect(await Promise.all([first, second])).toEqual(['wrong', 'wrong']);
    expect(await small.verify(null, 'a')).toBe('wrong');
  });

  it('does not block the event loop while bcrypt works', async () => {
    const hash = hashSync('correct horse', 9);
    let turns = 0;
    const timer = setInterval(() => (turns += 1), 1);
    expect(await passwords.verify(hash, 'correct horse')).toBe('right');
    clearInterval(timer);
    expect(turns).toBeGreaterThan(0);
  });

  it('calls a weaker argon2 hash outdated', () => {
    const tail = '$c29tZXNhbHRzb21lc2FsdA$iUr0/y4tJvPOFfd6fhwl20W04gQ56ZYXcroZnK3bAB4';
    expect(passwords.isOutdated(`$argon2id$v=19$m=65536,t=3,p=1${tail}`)).toBe(false);
    for (const head of [
      '$argon2i$v=19$m=65536,t=3,p=4',
      '$argon2id$v=16$m=65536,t=3,p=4',
      '$argon2id$v=19$m=19456,t=3,p=4',
      '$argon2id$v=19$m=65536,t=2,p=4',
      'junk',
    ]) {
      expect(passwords.isOutdated(head + tail)).toBe(true);
    }
  });
});
