/** The container and the systemd service contain exactly the files that they name. */
import { existsSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sourceFiles } from './support/source-files.ts';

const ROOT = join(import.meta.dirname, '..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

const { dependencies, optionalDependencies } = JSON.parse(read('package.json')) as Record<
  'dependencies' | 'optionalDependencies',
  Record<string, string>
>;

/** Instructions of a Dockerfile, with continued lines joined. */
function instructions(text: string): { word: string; rest: string }[] {
  return text
    .replace(/^\s*#.*\n/gm, '')
    .replace(/\\\n/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [word = '', ...rest] = line.trim().split(/\s+/);
      return { word, rest: rest.join(' ') };
    });
}

describe('the container', () => {
  const all = instructions(read('Dockerfile'));
  const of = (word: string): string[] => all.filter((i) => i.word === word).map((i) => i.rest);
  const copied = of('COPY')
    .filter((rest) => !rest.startsWith('--from'))
    .flatMap((rest) => rest.split(' ').slice(0, -1));

  it('copies only files that exist', () => {
    expect(copied.length).toBeGreaterThan(4);
    expect(copied.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });

  it('has a build context of only the files that it copies', () => {
    const lines = read('.dockerignore').split('\n');
    const admitted = lines.filter((l) => l.startsWith('!')).map((l) => l.slice(1));
    expect(lines.find((l) => l !== '' && !l.startsWith('#'))).toBe('*');
    expect(admitted.sort()).toEqual([...new Set(copied)].sort());
  });

  it('runs as an unprivileged user, given by number', () => {
    expect(of('USER')).toEqual(['1000:1000']);
  });

  it('installs the locked runtime packages without running their scripts', () => {
    expect(of('RUN')[0]).toMatch(/^npm ci --omit=dev && /);
    expect(copied).toContain('.npmrc');
    expect(read('.npmrc')).toMatch(/^ignore-scripts=true$/m);
  });

  it('removes the packaged Node and no package that Doorward runs on', () => {
    expect(of('RUN')[0]).toMatch(/ && rm -rf node_modules\/node-\* node_modules\/\.bin\/node$/);
    const { packages } = JSON.parse(read('package-lock.json')) as {
      packages: Record<string, { dev?: boolean }>;
    };
    const removed = Object.entries(packages)
      .filter(([place, part]) => /^node_modules\/node-[^/]+$/.test(place) && part.dev !== true)
      .map(([place]) => place.replace('node_modules/', ''));
    expect(removed).toEqual(Object.keys(optionalDependencies));
  });

  it('keeps state in a volume, and checks its health with doorward', () => {
    expect(of('VOLUME')).toEqual(['["/data"]']);
    expect(of('HEALTHCHECK')[0]).toContain('CMD ["doorward", "health"]');
    expect(of('ENTRYPOINT')).toEqual(['["doorward"]']);
    expect(of('ENV').join(' ')).toContain('DOORWARD_DATA_DIR=/data');
  });

  it('puts doorward on PATH as a file that names its interpreter', () => {
    expect(of('RUN').join(' ')).toContain('ln -s /app/src/main.ts /usr/local/bin/doorward');
    expect(read('src/main.ts').startsWith('#!/usr/bin/env node\n')).toBe(true);
  });
});

describe('a run without development packages', () => {
  const files = sourceFiles(join(ROOT, 'src'));

  it('imports only runtime packages and its own files', () => {
    const undeclared = files.flatMap((path) => {
      const text = read(join('src', path));
      const named = [...text.matchAll(/(?:\bfrom |\bimport\(|^import )'([^'\n]+)'/gm)]
        .map((match) => match[1] as string)
        .filter((name) => !name.startsWith('.') && !isBuiltin(name))
        .map((name) =>
          name
            .split('/')
            .slice(0, name.startsWith('@') ? 2 : 1)
            .join('/'),
        );
      return named.filter((name) => !Object.hasOwn(dependencies, name)).map((n) => `${path}: ${n}`);
    });
    expect(files.length).toBeGreaterThan(50);
    expect(undeclared).toEqual([]);
  });
});

describe('the service', () => {
  const unit = read('examples/systemd/doorward.service');
  const valuesOf = (key: string): string[] =>
    [...unit.matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))].map((match) => match[1] as string);

  it.each([
    ['DynamicUser', 'yes'],
    ['NoNewPrivileges', 'yes'],
    ['ProtectSystem', 'strict'],
    ['ProtectHome', 'yes'],
    ['CapabilityBoundingSet', ''],
    ['StateDirectoryMode', '0700'],
  ])('sets %s=%s', (key, value) => {
    expect(valuesOf(key)).toEqual([value]);
  });

  it('checks the configuration before it starts, and reloads without a restart', () => {
    expect(valuesOf('ExecStartPre')).toEqual(['/usr/bin/env node bin/doorward.js check']);
    expect(valuesOf('ExecStart')).toEqual(['/usr/bin/env node bin/doorward.js serve']);
    expect(valuesOf('ExecReload')).toEqual(['/bin/kill -HUP $MAINPID']);
  });

  it('allows a stop more time than doorward takes', () => {
    expect(Number(valuesOf('TimeoutStopSec')[0])).toBeGreaterThan(25);
  });
});
