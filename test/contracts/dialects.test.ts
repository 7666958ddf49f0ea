/** Runs the contract for every dialect, with the examples in its folder. */
import { existsSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Dialect } from '../../src/core/request/dialect.ts';
import {
  requiredClient,
  requiredHeader,
  schemeOf,
  singleHeader,
  strangeScheme,
} from '../../src/core/request/forwarded.ts';
import { httpReply } from '../../src/core/request/reply.ts';
import { dialects, direct, writers } from '../../src/dialects/index.ts';
import cases from '../hostile/cases/dialects.json' with { type: 'json' };
import { examplesOf } from '../support/examples.ts';
import { HTTP, HTTPS } from '../support/proxy-plans.ts';
import { dialectContract, type DialectExamples } from './dialects.suite.ts';

const FOLDER = new URL('../../src/dialects/', import.meta.url);

describe('the list of dialects', () => {
  it('contains every folder, each with its README', () => {
    const folders = readdirSync(FOLDER, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
    expect([...dialects, direct].map((dialect) => dialect.name).sort()).toEqual(folders.sort());
    for (const name of folders) {
      expect(existsSync(new URL(`${name}/README.md`, FOLDER))).toBe(true);
    }
  });

  it('is described case by case', () => {
    const described = cases.dialects.map((row) => row.dialect.toLowerCase()).join(' ');
    for (const { name } of dialects) expect(described).toContain(name);
  });
});

describe('the targets of generate', () => {
  it('have one name each', () => {
    const targets = writers.map(({ target }) => target);
    expect([...new Set(targets)]).toEqual(targets);
  });

  it.each(writers)('$target: names the command that writes it', (writer) => {
    const text = writer.write(HTTPS);
    expect(text).toContain(`doorward generate ${writer.target} `);
    expect(writer.write(HTTPS)).toBe(text);
  });
});

const written = dialects.flatMap(({ name, writers: own }) =>
  own.map((writer) => ({ name, target: writer.target, writer })),
);

describe.each(written)('the configuration $target', ({ name, writer }) => {
  it.each([HTTP, HTTPS])('checks every app at the path of the dialect: $scheme', (plan) => {
    const text = writer.write(plan);
    expect(text).toContain(`/.doorward/check/${name}`);
    for (const header of plan.identity) expect(text).toContain(header);
    for (const { host } of plan.apps.flatMap((app) => app.hosts)) {
      expect(text.replaceAll('\\', '')).toContain(host.replace('*', ''));
    }
  });
});

for (const dialect of dialects) {
  dialectContract(dialect, await examplesOf<DialectExamples>('dialects', dialect.name));
}

/**
 * Envoy's ext_authz over HTTP: the check is the original request itself, with our path before its
 * target. It has the original method and Host, and the few headers that the operator lists.
 */
const envoyLike: Dialect = {
  name: 'envoy-like',
  speaks: ['x-forwarded-proto'],
  passesWhole: true,
  takesCookie: false,
  carriesTarget: true,
  read(inbound) {
    const authority = requiredHeader(inbound, 'host');
    if (typeof authority !== 'string') return authority;
    const proto = requiredHeader(inbound, 'x-forwarded-proto');
    if (typeof proto !== 'string') return proto;
    const scheme = schemeOf(proto);
    if (scheme === null) return strangeScheme('x-forwarded-proto');
    const clientIp = requiredClient(inbound);
    if (typeof clientIp !== 'string') return clientIp;
    const { method, target } = inbound;
    return { method, scheme, authority, target, clientIp, header: singleHeader(inbound) };
  },
  reply: httpReply,
};

// Not shipped: it proves that the contract covers checks of this form.
dialectContract(envoyLike, {
  ask: ({ method, scheme, authority, target }, client) => ({
    method,
    rest: target,
    pairs: [
      ['Host', authority],
      ['X-Forwarded-Proto', scheme],
      ['X-Forwarded-For', client],
    ],
  }),
  required: ['host', 'x-forwarded-proto', 'x-forwarded-for'],
  malformed: [
    ['host', 'wiki.example.com, admin.example.com'],
    ['host', 'user@wiki.example.com'],
    ['host', 'wiki.example.com:abc'],
    ['x-forwarded-proto', 'https, http'],
    ['x-forwarded-proto', 'javascript'],
    ['x-forwarded-for', 'unknown'],
    ['x-forwarded-for', '192.0.2.7,'],
  ],
});
