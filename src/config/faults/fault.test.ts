import { describe, expect, it } from 'vitest';
import { type Fault, faultsToJson, formatFaults, formatPath, redactLine } from './fault.ts';

const fault: Fault = {
  file: 'config/doorward.yaml',
  line: 12,
  col: 5,
  path: 'routes[0].host',
  message: 'expected a host',
  suggestion: '"wiki.example.com"',
  source: '    host: wiki',
};

describe('a fault as text', () => {
  it('names file, line, column, path, expectation and suggestion, and shows the line', () => {
    expect(formatFaults([fault])).toBe(
      [
        'config/doorward.yaml:12:5 routes[0].host: expected a host; did you mean "wiki.example.com"?',
        '   12 |     host: wiki',
        '            ^',
        '',
      ].join('\n'),
    );
  });

  it('has no line if it concerns the environment', () => {
    const about = { ...fault, file: 'environment DOORWARD_X', line: 0, col: 0, source: null };
    expect(formatFaults([{ ...about, suggestion: null }])).toBe(
      'environment DOORWARD_X routes[0].host: expected a host\n',
    );
  });

  it('keeps the caret under its column in a long line', () => {
    const source = `${'x'.repeat(500)}!${'y'.repeat(500)}`;
    const [, line = '', caret = ''] = formatFaults([{ ...fault, col: 501, source }]).split('\n');
    expect(line.length).toBeLessThan(130);
    expect(line[caret.indexOf('^')]).toBe('!');
  });

  it('stops at a hundred and gives the number of the rest', () => {
    const text = formatFaults(Array.from({ length: 130 }, () => fault));
    expect(text.trimEnd().split('\n').at(-1)).toBe('… and 30 more');
  });
});

describe('a fault as JSON', () => {
  it('has the same content', () => {
    expect(JSON.parse(faultsToJson([fault]))).toEqual({ faults: [fault] });
  });
});

describe('a path', () => {
  it.each([
    [[], ''],
    [['routes', 0, 'policies', 1, 'any'], 'routes[0].policies[1].any'],
    [['identity', 'headers', 'Remote-User'], 'identity.headers.Remote-User'],
    [['policies', 'a b', 'x'], 'policies["a b"].x'],
  ])('%j reads %s', (path, text) => {
    expect(formatPath(path)).toBe(text);
  });
});

describe('a source line', () => {
  it.each([
    ['state: redis://user:hunter2@redis:6379', 'hunter2'],
    ['  secrets: [correcthorsebatterystaple]', 'correcthorse'],
    ['password: "hunter2"', 'hunter2'],
    ['{ api_key: hunter2 }', 'hunter2'],
  ])('%s hides its secret', (line, secret) => {
    const shown = redactLine(line);
    expect(shown).not.toContain(secret);
    expect(shown).toHaveLength(line.length);
  });

  it.each([
    '  secrets: ["${file:/run/secrets/doorward}"]',
    '  - { type: password }',
    'public_url: https://auth.example.com',
  ])('%s is shown unchanged', (line) => {
    expect(redactLine(line)).toBe(line);
  });
});
