import { describe, expect, it } from 'vitest';
import { parseLargeFile } from './large-file.ts';
import { parseUsersFile } from './users-file.ts';

const isHash = (text: string) => text.startsWith('$argon2id$');
const entry = (n: number) => `  user${n}:
    # of the north
    displayname: >-
      User
      number ${n}
    email: user${n}@corp.test
    password: "$argon2id$x"

    groups: [staff]
`;
const simple = (n: number) =>
  `  name${n}:\n    email: name${n}@corp.test\n    password: "$argon2id$x"\n    groups: [staff]\n`;
const fileOf = (count: number) =>
  `# exported\nusers:\n${Array.from({ length: count }, (_, n) => entry(n)).join('')}`;

describe('a large users file', () => {
  it('reads like a small one, however it is split', () => {
    const text = fileOf(1200);
    const whole = parseUsersFile(text, 'file', isHash);
    expect(whole.ok).toBe(true);
    expect(parseLargeFile(text, 'file', isHash)).toEqual(whole);
  });

  it('reads like a small one if simple entries and others mix', () => {
    const text = `${fileOf(600)}${Array.from({ length: 1500 }, (_, n) => simple(n)).join('')}${entry(600)}`;
    const whole = parseUsersFile(text, 'file', isHash);
    expect(whole.ok && whole.users.size).toBe(2101);
    expect(parseLargeFile(text, 'file', isHash)).toEqual(whole);
    const faulty = `${text}  name3:\n    password: "$argon2id$x"\n  z:\n    password: plain\n`;
    const read = parseLargeFile(faulty, 'file', isHash);
    const [fault] = read.ok ? [] : read.faults;
    expect(fault).toMatchObject({ path: 'users.z.password' });
    expect(faulty.split('\n')[(fault?.line ?? 0) - 1]).toBe('    password: plain');
  });

  it('of 100,000 users is read, each entry once', () => {
    let hashes = 0;
    const count = (text: string) => ((hashes += 1), isHash(text));
    const text = `users:\n${Array.from({ length: 100_000 }, (_, n) => simple(n)).join('')}`;
    const read = parseLargeFile(text, 'file', count);
    expect(read.ok && read.users.size).toBe(100_000);
    expect(hashes).toBe(100_000);
  });

  it('reports faults with the lines of the whole file', () => {
    const text = `${fileOf(1000)}  last:\n    password: plain\n`;
    const read = parseLargeFile(text, 'file', isHash);
    const [fault] = read.ok ? [] : read.faults;
    expect(fault).toMatchObject({ path: 'users.last.password' });
    expect(text.split('\n')[(fault?.line ?? 0) - 1]).toBe('    password: plain');
  });

  it('finds a name that occurs twice, far apart', () => {
    const read = parseLargeFile(
      `${fileOf(1000)}  USER3:\n    password: $argon2id$x\n`,
      'file',
      isHash,
    );
    expect(read.ok ? [] : read.faults.map(({ path }) => path)).toEqual(['users.USER3']);
  });

  it.each([
    ['a flow mapping', `{ users: { ann: { password: "$argon2id$x" } } }`],
    ['no users', 'people:\n  ann: {}\n'],
    ['nothing', ''],
    ['users at the left', 'users:\nann: { password: $argon2id$x }\n'],
    ['another key at the top', `${fileOf(2)}more: true\n`],
    ['a second document', `${fileOf(2)}---\n${fileOf(2)}`],
    [
      'an anchor from far away',
      `users:\n  a: &a { password: $argon2id$x }\n${fileOf(1000).split('users:\n')[1]}  z: *a\n`,
    ],
    ['an open quote', `${fileOf(600)}  x: { password: "\n${entry(1).repeat(3)}`],
  ])('is refused as a whole with %s', (_, text) => {
    expect(parseLargeFile(text, 'file', isHash).ok).toBe(false);
  });
});
