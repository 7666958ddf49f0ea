import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Dialect } from '../../src/core/request/dialect.ts';
import { dialects, direct } from '../../src/dialects/index.ts';
import cases from '../hostile/cases/dialects.json' with { type: 'json' };
import { COOKIE, type Pairs, testGate } from '../support/gate.ts';

const FOLDER = new URL('../../src/dialects/', import.meta.url);

/** A request with the headers of every dialect, so that each allows it. */
const HONEST: Readonly<Record<string, Pairs>> = {
  nginx: [
    ['X-Original-URL', 'https://wiki.example.com/'],
    ['X-Original-Method', 'GET'],
    ['X-Forwarded-For', '192.0.2.7'],
    ['Cookie', COOKIE],
  ],
  traefik: forwarded(),
  caddy: forwarded(),
};

function forwarded(): Pairs {
  return [
    ['X-Forwarded-Method', 'GET'],
    ['X-Forwarded-Proto', 'https'],
    ['X-Forwarded-Host', 'wiki.example.com'],
    ['X-Forwarded-Uri', '/'],
    ['X-Forwarded-For', '192.0.2.7'],
    ['Cookie', COOKIE],
  ];
}

describe('the list of dialects', () => {
  it('contains every folder, each with its test, contract and README', () => {
    const folders = readdirSync(FOLDER, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
    expect([...dialects, direct].map((dialect) => dialect.name).sort()).toEqual(folders.sort());
    for (const { name } of dialects) {
      const test = readFileSync(new URL(`${name}/dialect.test.ts`, FOLDER), 'utf8');
      expect(test).toContain(`dialectContract(${name}`);
    }
    for (const name of folders) {
      expect(existsSync(new URL(`${name}/README.md`, FOLDER))).toBe(true);
    }
  });

  it('is described case by case', () => {
    const described = cases.dialects.map((row) => row.dialect.toLowerCase()).join(' ');
    for (const { name } of dialects) expect(described).toContain(name);
  });
});

const pairs = dialects.flatMap((own) =>
  dialects.flatMap((other): [Dialect, string][] =>
    other.speaks.filter((name) => !own.speaks.includes(name)).map((name) => [own, name]),
  ),
);

describe('two dialects in one request', () => {
  it.each(dialects)('do not occur in what an honest $name sends', async ({ name }) => {
    const { ask } = await testGate();
    expect((await ask(name, HONEST[name] ?? [])).status).toBe(200);
  });

  it.each(pairs.map(([own, header]) => [own.name, header] as const))(
    'are refused: %s with %s',
    async (name, header) => {
      const { ask } = await testGate();
      for (const value of ['/public/ok', 'https://wiki.example.com/', 'GET', '']) {
        const heard = await ask(name, [...(HONEST[name] ?? []), [header, value]]);
        expect(heard.status).toBe(400);
        expect(heard.body).toContain(header);
      }
    },
  );
});
