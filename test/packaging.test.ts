/** Container, service and what they rely on: everything named is there, and nothing more gets in. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** Instructions of a Dockerfile, with their continued lines. */
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

  it('copies only what is there', () => {
    expect(copied.length).toBeGreaterThan(4);
    expect(copied.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });

  it('is built from nothing but what it copies', () => {
    const lines = read('.dockerignore').split('\n');
    const let_in = lines.filter((l) => l.startsWith('!')).map((l) => l.slice(1));
    expect(lines.find((l) => l !== '' && !l.startsWith('#'))).toBe('*');
    expect(let_in.sort()).toEqual([...new Set(copied)].sort());
  });

  it('runs as nobody special, by number', () => {
    expect(of('USER')).toEqual(['1000:1000']);
  });

  it('installs exactly what is locked, without development and optional packages or scripts', () => {
    const install = of('RUN').find((rest) => rest.includes('npm ci')) ?? '';
    for (const flag of ['--omit=dev', '--omit=optional', '--ignore-scripts']) {
      expect(install).toContain(flag);
    }
  });

  it('keeps state in a volume, and asks doorward whether it is well', () => {
    expect(of('VOLUME')).toEqual(['["/data"]']);
    expect(of('HEALTHCHECK')[0]).toContain('CMD ["doorward", "health"]');
    expect(of('ENTRYPOINT')).toEqual(['["doorward"]']);
    expect(of('ENV').join(' ')).toContain('DOORWARD_DATA_DIR=/data');
  });

  it('puts doorward on PATH as a file that says what runs it', () => {
    expect(of('RUN').join(' ')).toContain('ln -s /app/src/main.ts /usr/local/bin/doorward');
    expect(read('src/main.ts').startsWith('#!/usr/bin/env node\n')).toBe(true);
  });
});

describe('what runs without development packages', () => {
  const { dependencies } = JSON.parse(read('package.json')) as {
    dependencies: Record<string, string>;
  };
  const files = (readdirSync(join(ROOT, 'src'), { recursive: true }) as string[]).filter(
    (path) => path.endsWith('.ts') && !path.endsWith('.test.ts'),
  );

  it('imports only runtime packages and its own files', () => {
    const strangers = files.flatMap((path) => {
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
    expect(strangers).toEqual([]);
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
  ])('says %s=%s', (key, value) => {
    expect(valuesOf(key)).toEqual([value]);
  });

  it('checks the configuration before it starts, and reloads without a restart', () => {
    expect(valuesOf('ExecStartPre')).toEqual(['/usr/bin/env node bin/doorward.js check']);
    expect(valuesOf('ExecStart')).toEqual(['/usr/bin/env node bin/doorward.js serve']);
    expect(valuesOf('ExecReload')).toEqual(['/bin/kill -HUP $MAINPID']);
  });

  it('gives a stop longer than doorward takes', () => {
    expect(Number(valuesOf('TimeoutStopSec')[0])).toBeGreaterThan(25);
  });
});
