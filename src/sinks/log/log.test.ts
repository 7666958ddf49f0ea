/** The log: a client's text stays within one string of one line, and no secret is written. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fakeClock } from '../../../test/support/fakes.ts';
import type { Event } from '../../core/access/event.ts';
import { createLog, type LogLevel } from './log.ts';

type DecisionEvent = Extract<Event, { type: 'decision' }>;

const DECISION: DecisionEvent = {
  type: 'decision',
  requestId: 'r1',
  traceId: null,
  dialect: 'nginx',
  method: 'GET',
  host: 'wiki.example.com',
  path: '/a',
  route: 'wiki',
  rule: 'wiki /**',
  decision: 'allow',
  status: 200,
  reasons: ['group/member'],
  why: [],
  dryRun: [],
  userId: 'embedded/1',
  clientIp: '192.0.2.7',
  ms: 0.12345,
};

function logged(events: readonly Event[], tty = false, level: LogLevel = 'info'): string {
  let text = '';
  const destination = {
    write: (more: string) => void (text += more),
    flush: () => {},
    drain: () => Promise.resolve(),
  };
  const log = createLog({ destination, tty, clock: fakeClock(), level });
  for (const event of events) log.emit(event);
  return text;
}

const HOSTILE = [
  'a\r\n{"level":"info","msg":"decision"}',
  '\u001b[2J\u001b]0;title\u0007',
  'a\u2028b\u2029c',
  '"quoted\\"',
  '\u0000\u007f\u009b31m',
  '\u202egnp.exe\u2066',
  '\ud800 lonely',
  'x'.repeat(65_536),
  '\u001b'.repeat(65_536),
];

describe('a decision as a JSON line', () => {
  it('has every field under a stable name', () => {
    expect(logged([DECISION])).toBe(
      '{"level":"info","time":"2026-11-23T12:00:00.000Z","msg":"decision","request_id":"r1",' +
        '"decision":"allow","status":200,"route":"wiki","rule":"wiki /**","reasons":["group/member"],' +
        '"user_id":"embedded/1","client_ip":"192.0.2.7","dialect":"nginx","method":"GET",' +
        '"host":"wiki.example.com","path":"/a","ms":0.123}\n',
    );
  });

  it('names the trace that the request belongs to', () => {
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
    expect(JSON.parse(logged([{ ...DECISION, traceId }]))).toMatchObject({ trace_id: traceId });
  });

  it('writes null for an anonymous visitor and an unknown route', () => {
    const line = logged([{ ...DECISION, route: null, rule: null, userId: null }]);
    expect(JSON.parse(line)).toMatchObject({ route: null, rule: null, user_id: null });
  });

  it('names the rule that denied, its policy, and its location', () => {
    const why = {
      rule: 'wiki /admin/**',
      policy: 'group',
      code: 'group/not-member',
      detail: 'needs any of admins; has staff',
      line: 'config/doorward.yaml:12:5',
    };
    const stale = { ...why, policy: null, code: 'session/too-old', detail: null };
    const line = logged([{ ...DECISION, decision: 'deny', why: [stale, why], dryRun: [why] }]);
    expect(JSON.parse(line)).toMatchObject({ why: [stale, why], dry_run: [why] });
    expect(logged([{ ...DECISION, dryRun: [why] }], true)).toContain(
      '  would deny: group/not-member  ',
    );
  });

  it.each(HOSTILE)('has %j in one short line that changes no terminal', (text) => {
    const line = logged([
      {
        ...DECISION,
        path: text,
        host: text,
        method: text,
        requestId: text,
        reasons: [text],
        why: [{ rule: text, policy: text, code: text, detail: text, line: text }],
      },
    ]);
    expect(line.slice(0, -1)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/);
    expect(line.length).toBeLessThan(32_000);
    const parsed = JSON.parse(line) as { path: string };
    expect(parsed.path.slice(0, 512)).toBe(text.slice(0, 512));
    expect(parsed.path.length).toBeLessThanOrEqual(513);
  });

  it('is valid JSON on one line whatever it contains', () => {
    const text = fc.string({ unit: 'binary', maxLength: 600 });
    fc.assert(
      fc.property(text, text, fc.array(text, { maxLength: 4 }), (path, userId, reasons) => {
        const line = logged([{ ...DECISION, path, userId, reasons }]);
        expect(line.indexOf('\n')).toBe(line.length - 1);
        const parsed = JSON.parse(line) as Record<string, unknown>;
        expect(Object.keys(parsed)).toHaveLength(16);
        expect(parsed['decision']).toBe('allow');
      }),
    );
  });
});

describe('other events as JSON lines', () => {
  it('have the same names', () => {
    const line = logged([
      {
        type: 'sign-in',
        flow: 'login',
        method: 'password',
        result: 'wrong',
        userId: null,
        clientIp: '192.0.2.7',
        requestId: 'r1',
      },
    ]);
    expect(JSON.parse(line)).toEqual({
      level: 'warn',
      time: '2026-11-23T12:00:00.000Z',
      flow: 'login',
      method: 'password',
      result: 'wrong',
      user_id: null,
      client_ip: '192.0.2.7',
      request_id: 'r1',
      msg: 'sign-in',
    });
  });

  it('record who changed what about an account, without the new value', () => {
    const event = {
      type: 'account',
      change: 'password/changed',
      userId: 'embedded/1',
      flow: 'password-change',
      clientIp: '192.0.2.7',
      requestId: 'r1',
    } as const;
    expect(JSON.parse(logged([event]))).toEqual({
      level: 'info',
      time: '2026-11-23T12:00:00.000Z',
      change: 'password/changed',
      user_id: 'embedded/1',
      flow: 'password-change',
      client_ip: '192.0.2.7',
      request_id: 'r1',
      msg: 'account',
    });
    expect(logged([event], true)).toContain('password/changed  embedded/1  password-change');
  });

  it("record an app's response, under the names of the decision", () => {
    const line = logged([
      { type: 'upstream', requestId: 'r1', route: 'wiki', status: 200, fault: '', ms: 1.23456 },
      { type: 'upstream', requestId: 'r2', route: 'wiki', status: 0, fault: 'client/gone', ms: 7 },
      {
        type: 'upstream',
        requestId: 'r3',
        route: 'wiki',
        status: 502,
        fault: 'upstream/down',
        ms: 7,
      },
    ]);
    const lines = line
      .trimEnd()
      .split('\n')
      .map((text) => JSON.parse(text) as object);
    expect(lines[0]).toEqual({
      level: 'info',
      time: '2026-11-23T12:00:00.000Z',
      msg: 'upstream',
      request_id: 'r1',
      route: 'wiki',
      status: 200,
      fault: '',
      ms: 1.235,
    });
    expect(lines[1]).toMatchObject({ level: 'info', status: 0, fault: 'client/gone' });
    expect(lines[2]).toMatchObject({ level: 'warn', status: 502, fault: 'upstream/down' });
  });

  it('UP-cause: record why an app could not be reached', () => {
    const cause = { word: 'tls/name', message: "Host: wiki. is not in the cert's altnames" };
    const event = {
      type: 'upstream',
      requestId: 'r1',
      route: 'wiki',
      status: 502,
      fault: 'upstream/down',
      cause,
      ms: 7,
    } as const;
    expect(JSON.parse(logged([event]))).toMatchObject({
      fault: 'upstream/down',
      cause: 'tls/name',
      detail: cause.message,
    });
    expect(logged([event], true)).toContain('upstream/down  tls/name: Host: wiki.');
  });

  it('record a fault with its causes, without attached objects and credentials', () => {
    const cause = Object.assign(new Error('connect redis://me:hunter2@redis:6379 failed'), {
      code: 'ECONNREFUSED',
      command: { args: ['hunter3'] },
    });
    const line = logged([
      {
        type: 'fault',
        code: 'store/unavailable',
        requestId: 'r1',
        cause: new Error('no store', { cause }),
      },
    ]);
    const parsed = JSON.parse(line) as {
      level: string;
      err: { message: string; cause: { code: string } };
    };
    expect(parsed).toMatchObject({
      level: 'error',
      code: 'store/unavailable',
      err: { message: 'no store', cause: { code: 'ECONNREFUSED' } },
    });
    expect(line).not.toMatch(/hunter/);
  });

  it.each(HOSTILE)('have %j in one line', (text) => {
    const line = logged([
      {
        type: 'upstream',
        requestId: text,
        route: text,
        status: 502,
        fault: text,
        cause: { word: text, message: text },
        ms: 1,
      },
      { type: 'fault', code: 'internal', requestId: null, cause: new Error(text) },
      { type: 'fault', code: 'internal', requestId: null, cause: text },
    ]);
    expect(line.trimEnd().split('\n')).toHaveLength(3);
    expect(line).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/);
    expect(line.length).toBeLessThan(60_000);
  });

  it('handle a circular cause', () => {
    const cause = new Error('round');
    cause.cause = cause;
    expect(() =>
      JSON.parse(logged([{ type: 'fault', code: 'internal', requestId: null, cause }])),
    ).not.toThrow();
  });
});

describe('levels', () => {
  const events: Event[] = [
    DECISION,
    { ...DECISION, decision: 'error', status: 503 },
    { type: 'reload', ok: false, faults: 2 },
    { type: 'connection', code: 'proxy-header/late', peer: '192.0.2.1' },
    { type: 'upstream', requestId: 'r', route: 'wiki', status: 502, fault: 'upstream/down', ms: 1 },
  ];
  it.each([
    ['info', 5],
    ['warn', 4],
    ['error', 2],
    ['silent', 0],
  ] as const)('at %s write %i lines', (level, lines) => {
    expect(logged(events, false, level).split('\n').length - 1).toBe(lines);
    expect(logged(events, true, level).split('\n').length - 1).toBe(lines);
  });
});

describe('on a terminal', () => {
  it('a decision is one short line', () => {
    const line = logged(
      [{ ...DECISION, decision: 'deny', status: 403, reasons: ['group/not-member'] }],
      true,
    );
    expect(line.replace(/\u001b\[\d+m/g, '')).toBe(
      '12:00:00 deny         403 GET wiki.example.com/a  embedded/1  group/not-member  0.1 ms\n',
    );
  });

  it.each(HOSTILE)('%j moves no cursor', (text) => {
    const line = logged(
      [
        { ...DECISION, path: text },
        { type: 'fault', code: text, requestId: null, cause: new Error(text) },
      ],
      true,
    );
    expect(line.replace(/\u001b\[(?:0|3[1-3]|90)m/g, '').replaceAll('\n', '')).not.toMatch(
      /[\u0000-\u001f\u007f-\u009f\u2028-\u202e]/,
    );
    expect(line.split('\n')).toHaveLength(3);
  });
});
