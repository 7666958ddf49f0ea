/** Commands as operators see them: standard output, standard error, and the exit code. */
import { describe, expect, it } from 'vitest';
import { doorward } from '../../test/support/terminal.ts';
import type { CommandContext } from './shell/context.ts';

describe('usage', () => {
  it.each(['', 'nonsense', 'user add', 'serve --nonsense', 'generate', 'schema other', 'explain'])(
    'exits 2 on %j with a message on standard error',
    async (line) => {
      const { code, out, err } = await doorward(line === '' ? [] : line);
      expect({ code, out }).toEqual({ code: 2, out: '' });
      expect(err).not.toBe('');
    },
  );

  it.each([
    ['nonsense', "doorward: unknown command 'nonsense'; see doorward --help\n"],
    [
      'check --jsn',
      "doorward: unknown option '--jsn' (Did you mean --json?); see doorward check --help\n",
    ],
    ['user add', "doorward: missing required argument 'name'; see doorward user add --help\n"],
  ])('reports what is wrong with %j, with a remedy, in one line', async (line, message) => {
    expect((await doorward(line)).err).toBe(message);
  });

  it('exits 0 for help and version', async () => {
    expect((await doorward('--version')).out).toBe('0.1.0\n');
    const help = await doorward('--help');
    expect(help.code).toBe(0);
    for (const name of [
      'serve',
      'check',
      'explain',
      'user',
      'session',
      'invitation',
      'flow',
      'hash',
      'generate',
      'health',
      'schema',
    ]) {
      expect(help.out).toContain(`  ${name}`);
    }
  });

  it('reports an unexpected fault in one line and exits 1', async () => {
    const fault = new Error('disk\ngone\u001b[2J');
    const { code, err } = await doorward('check', {
      context: { load: () => Promise.reject(fault) },
    });
    expect(code).toBe(1);
    expect(err).toBe(
      'doorward: Something went wrong on our side. (internal: disk gone\\u001b[2J)\n',
    );
  });

  it('accepts -c on every command', async () => {
    const files: string[] = [];
    const load: CommandContext['load'] = ({ file }) => {
      files.push(file);
      return Promise.resolve({ ok: false, faults: [] });
    };
    const lines = [
      'check',
      'explain --url http://a.test/',
      'user list',
      'user add x',
      'session list',
      'session revoke --all',
      'user show x',
      'user reset x --all',
      'user unlock x',
      'invitation create --flow x',
      'invitation list',
      'invitation revoke x',
      'flow list',
      'flow graph login',
      'generate nginx',
      'health',
    ];
    for (const line of lines) await doorward(`${line} -c my.yaml`, { context: { load } });
    expect(files).toEqual(lines.map(() => 'my.yaml'));
  });
});

const flagsOf = async (line: string) => {
  const all: unknown[] = [];
  const load: CommandContext['load'] = ({ flags }) => {
    all.push(flags);
    return Promise.resolve({ ok: false, faults: [] });
  };
  const { code, err } = await doorward(line, { context: { load } });
  return { code, err, flags: all[0] };
};

describe('--set', () => {
  it('sets options for this run, any number of times', async () => {
    const { flags } = await flagsOf('check --set session.idle=30m --set public_url=http://a=b');
    expect(flags).toEqual({ 'session.idle': '30m', public_url: 'http://a=b' });
    expect((await flagsOf('check')).flags).toEqual({});
  });

  it.each(['check --set idle', 'check --set =1'])('is a usage error in %j', async (line) => {
    const { code, err, flags } = await flagsOf(line);
    expect({ code, flags }).toEqual({ code: 2, flags: undefined });
    expect(err).toContain('key=value');
  });
});

describe('serve', () => {
  it('runs the gateway with the file and exits with its code', async () => {
    const told: unknown[] = [];
    const serve: CommandContext['serve'] = (options) => {
      told.push(options);
      return Promise.resolve(1);
    };
    expect((await doorward('serve -c my.yaml', { context: { serve } })).code).toBe(1);
    expect(told).toEqual([{ file: 'my.yaml', flags: {} }]);
  });
});

describe('check', () => {
  const fault = {
    file: 'my.yaml',
    line: 3,
    col: 5,
    path: 'routes[0]',
    message: 'expected a host',
    suggestion: null,
    source: null,
  };
  const load: CommandContext['load'] = () => Promise.resolve({ ok: false, faults: [fault] });

  it('reports that a configuration is valid, and what it contains', async () => {
    expect(await doorward('check')).toEqual({
      code: 0,
      out: 'config/doorward.yaml is fine: 1 route, 1 rule, 1 flow\n',
      err: '',
    });
  });

  it('prints every fault and exits 1', async () => {
    expect(await doorward('check', { context: { load } })).toEqual({
      code: 1,
      out: '',
      err: 'my.yaml:3:5 expected a host\n',
    });
  });

  it('prints faults as JSON for scripts', async () => {
    const { code, out } = await doorward('check --json', { context: { load } });
    expect(code).toBe(1);
    expect(JSON.parse(out)).toEqual({ ok: false, faults: [fault] });
  });
});

describe('hash and schema', () => {
  it('hashes standard input', async () => {
    expect(await doorward('hash', { stdin: 'long enough' })).toEqual({
      code: 0,
      out: 'hash(long enough)\n',
      err: '',
    });
  });

  it.each([
    ['schema', 'config'],
    ['schema flow', 'flow'],
  ])('%s', async (line, title) => {
    expect(JSON.parse((await doorward(line)).out)).toEqual({ title });
  });
});
