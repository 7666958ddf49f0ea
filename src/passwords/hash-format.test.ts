import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { costOf, isQuick, parseHash } from './hash-format.ts';

const salt = 'c29tZXNhbHRzb21lc2FsdA';
const key = 'iUr0/y4tJvPOFfd6fhwl20W04gQ56ZYXcroZnK3bAB4';
const argon2 = (costs: string) => `$argon2id$v=19$${costs}$${salt}$${key}`;

describe('hash formats', () => {
  it.each([
    [argon2('m=65536,t=3,p=4'), 'argon2'],
    [`$argon2i$m=4096,t=3,p=1$${salt}$${key}`, 'argon2'],
    [`$argon2d$v=16$m=4096,t=3,p=1$${salt}$${key}`, 'argon2'],
    ['$2b$12$eImiTXuWVxfM37uY4JANjQ5Xb0Zk0vWk5wYk0tqYg8CqvQnL1mC9e', 'bcrypt'],
    [`$scrypt$ln=16,r=8,p=1$${salt}$${key}`, 'scrypt'],
    [`$pbkdf2-sha512$310000$${salt}$${key.replaceAll('+', '.')}`, 'pbkdf2'],
    [`$pbkdf2$1600000$${salt}$${key}`, 'pbkdf2'],
    ['$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5', 'sha-crypt'],
  ])('knows %s', (text, kind) => {
    expect(parseHash(text)?.kind).toBe(kind);
  });

  it.each([
    ['four gibibytes', argon2('m=4194304,t=1,p=1')],
    ['a thousand passes', argon2('m=65536,t=1000,p=1')],
    ['much memory many times', argon2('m=262144,t=9,p=1')],
    ['a hundred lanes', argon2('m=65536,t=3,p=100')],
    ['no pass', argon2('m=65536,t=0,p=1')],
    ['a parameter more', argon2('m=65536,t=3,p=4,keyid=AA')],
    ['bcrypt at cost 31', '$2b$31$eImiTXuWVxfM37uY4JANjQ5Xb0Zk0vWk5wYk0tqYg8CqvQnL1mC9e'],
    ['the broken bcrypt 2x', '$2x$12$eImiTXuWVxfM37uY4JANjQ5Xb0Zk0vWk5wYk0tqYg8CqvQnL1mC9e'],
    ['scrypt of 8 GiB', `$scrypt$ln=23,r=8,p=1$${salt}$${key}`],
    ['scrypt of many lanes', `$scrypt$ln=18,r=8,p=16$${salt}$${key}`],
    ['scrypt of nothing', `$scrypt$ln=0,r=8,p=1$${salt}$${key}`],
    ['a billion iterations', `$pbkdf2-sha512$999999999$${salt}$${key}`],
    ['two million iterations for seven blocks', `$pbkdf2$2000000$${salt}$${'A'.repeat(171)}`],
    ['an unknown digest', `$pbkdf2-md5$1000$${salt}$${key}`],
    ['a key of one byte', `$pbkdf2-sha512$1000$${salt}$AA`],
    ['a billion rounds', `$6$rounds=999999999$salt$${'a'.repeat(86)}`],
    ['yescrypt', '$y$j9T$salt$hash'],
    ['plain text', 'password'],
    ['plain text behind a scheme', '{CRYPT}password'],
    ['a scheme behind a scheme', `{CRYPT}{CRYPT}${argon2('m=65536,t=3,p=4')}`],
    ['an unknown scheme', `{SMD5}${argon2('m=65536,t=3,p=4')}`],
    ['crypt of the 1970s', '{CRYPT}ab7dr9bKmZ5nU'],
    ['{CRYPT} of a billion rounds', `{CRYPT}$6$rounds=999999999$salt$${'a'.repeat(86)}`],
    ['{CRYPT} of four gibibytes', `{CRYPT}${argon2('m=4194304,t=1,p=1')}`],
    ['a billion of Django’s iterations', `pbkdf2_sha256$999999999$salt$${'A'.repeat(43)}=`],
    ['none of Django’s iterations', `pbkdf2_sha256$0$salt$${'A'.repeat(43)}=`],
    ['Django’s hash cut short', 'pbkdf2_sha256$600000$salt$AAAA'],
    ['Django’s hash without a salt', `pbkdf2_sha256$600000$$${'A'.repeat(43)}=`],
    ['an unsalted hash', '{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g='],
    ['a salted hash without its salt', '{SSHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g='],
    ['a salted hash with half a kilobyte of salt', `{SSHA}${'A'.repeat(500)}`],
    ['nothing', ''],
    ['a kilobyte', `$2b$12$${'a'.repeat(1024)}`],
    ['a line more', `${argon2('m=65536,t=3,p=4')}\n`],
  ])('refuses %s', (_, text) => {
    expect(parseHash(text)).toBeNull();
  });

  it('have one cost for equal work, and another for other work', () => {
    const costs = [
      argon2('m=65536,t=3,p=4'),
      argon2('m=65536,t=3,p=1'),
      `$argon2i$m=4096,t=3,p=1$${salt}$${key}`,
      `$scrypt$ln=16,r=8,p=1$${salt}$${key}`,
      `$pbkdf2-sha512$310000$${salt}$${key}`,
      '$2b$12$eImiTXuWVxfM37uY4JANjQ5Xb0Zk0vWk5wYk0tqYg8CqvQnL1mC9e',
      '$2b$11$eImiTXuWVxfM37uY4JANjQ5Xb0Zk0vWk5wYk0tqYg8CqvQnL1mC9e',
      `$6$salt$${'a'.repeat(86)}`,
      `$6$rounds=500000$salt$${'a'.repeat(86)}`,
      '{SSHA}N4i71PTMYNxRWwTISETcBT8GLxY4IGJ5dGVzIQ==',
    ].map(costOf);
    expect(new Set(costs).size).toBe(costs.length);
    expect(costOf(`{CRYPT}$6$rounds=5000$other$${'b'.repeat(86)}`)).toBe(
      costOf(`$6$salt$${'a'.repeat(86)}`),
    );
    expect(costOf('password')).toBeNull();
  });

  it.each([
    [argon2('m=65536,t=3,p=4'), false],
    [argon2('m=64,t=1,p=1'), true],
    ['$2b$10$eImiTXuWVxfM37uY4JANjQ5Xb0Zk0vWk5wYk0tqYg8CqvQnL1mC9e', false],
    ['$2b$04$eImiTXuWVxfM37uY4JANjQ5Xb0Zk0vWk5wYk0tqYg8CqvQnL1mC9e', true],
    [`$scrypt$ln=16,r=8,p=1$${salt}$${key}`, false],
    [`$scrypt$ln=4,r=8,p=1$${salt}$${key}`, true],
    [`pbkdf2_sha256$600000$salt$${'A'.repeat(43)}=`, false],
    [`pbkdf2_sha256$1000$salt$${'A'.repeat(43)}=`, true],
    [`{CRYPT}$6$salt$${'a'.repeat(86)}`, false],
    [`$6$rounds=1000$salt$${'a'.repeat(86)}`, true],
    ['{SSHA}N4i71PTMYNxRWwTISETcBT8GLxY4IGJ5dGVzIQ==', true],
    ['plain text', false],
  ])('%s is quickly guessed: %s', (hash, is) => {
    expect(isQuick(hash)).toBe(is);
  });

  it('never throws', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.constantFrom(
          '$argon2id$',
          '$scrypt$',
          '$pbkdf2$',
          '$6$',
          '{CRYPT}',
          '{SSHA}',
          'pbkdf2_sha256$',
          '',
        ),
        (text, head) => {
          expect(() => parseHash(head + text)).not.toThrow();
        },
      ),
    );
  });
});
