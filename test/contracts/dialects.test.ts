/** Runs the contract for every dialect, with the examples in its folder. */
import { existsSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { dialects, direct, envoyGrpc, writers } from '../../src/dialects/index.ts';
import cases from '../hostile/cases/dialects.json' with { type: 'json' };
import { examplesOf } from '../support/examples.ts';
import { HTTP, HTTPS } from '../support/proxy-plans.ts';
import { overGrpc } from './grpc-door.ts';
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

/** A script that the configuration of `haproxy` loads: it knows no hosts and no headers. */
const SCRIPT = 'haproxy-lua';

describe.each(written.filter(({ target }) => target !== SCRIPT))(
  'the configuration $target',
  ({ name, writer }) => {
    it.each([HTTP, HTTPS])('checks every app at the path of the dialect: $scheme', (plan) => {
      const text = writer.write(plan);
      expect(text).toContain(`/.doorward/check/${name}`);
      for (const header of plan.identity) expect(text).toContain(header);
      for (const { host } of plan.apps.flatMap((app) => app.hosts)) {
        expect(text.replaceAll('\\', '')).toContain(host.replace('*', ''));
      }
    });
  },
);

for (const dialect of dialects) {
  dialectContract(dialect, await examplesOf<DialectExamples>('dialects', dialect.name));
}

// Envoy describes a request in the same way, but in a message.
dialectContract(envoyGrpc, await examplesOf<DialectExamples>('dialects', 'envoy'), overGrpc);
