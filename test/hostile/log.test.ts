/**
 * The log records what happened: one line per event, true to what was checked and forwarded,
 * whatever clients write.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client, FETCH } from '../support/client.ts';
import { PASSWORD } from '../support/gateway.ts';
import { sendRaw, statuses } from '../support/raw.ts';
import { until } from '../support/until.ts';
import { logOf, startWorld, type World } from './fixture.ts';
import { guess } from './guess.ts';
import { bytesOf, fill, requestProbes, valuesOf } from './probes.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({
    trusted: true,
    extra: 'throttle: { free: 2, wait: 15m }',
    routes: (app) => [
      `{ id: broken, host: broken.gw.test, upstream: "${app.origin}", policies: [{ type: expression, when: "user.attributes.missing == 'x'" }] }`,
    ],
  });
});
afterAll(() => world.close());

type Line = Readonly<Record<string, unknown>>;

/** The first matching line, once it is written. */
async function line(what: string, fits: (line: Line) => boolean): Promise<Line> {
  let found: Line | undefined;
  await until(`${what} in the log`, () => {
    found = logOf(world.gateway).find(fits);
    return found !== undefined;
  });
  return found as Line;
}

describe('log lines', () => {
  it('LOG-inject: keep line ends, escapes and floods inside one short field', async () => {
    const { gateway } = world;
    const { pair } = await world.signIn('alice');
    const nasty = [
      'a\r\nb',
      'a\nb',
      '\u001b[31mred\u001b[0m',
      '\u2028\u2029',
      '\u0085\u009b2J',
      '\u202etxt.exe',
      '"}\n{"level":"info","msg":"forged"}',
      '\0',
      'x'.repeat(6000),
    ];
    for (const text of nasty) {
      const encoded = encodeURIComponent(text);
      const utf8 = Buffer.from(text.replaceAll(/[\r\n\0]/g, ' '), 'utf8').toString('latin1');
      const requests = [
        [`GET /${encoded} HTTP/1.1`, 'Host: app.gw.test'],
        [`GET /in?q=${encoded} HTTP/1.1`, 'Host: app.gw.test'],
        ['GET /ua HTTP/1.1', 'Host: app.gw.test', `User-Agent: ${utf8}`],
        ['GET /id HTTP/1.1', 'Host: app.gw.test', `X-Request-Id: ${utf8}`],
        ['GET /xff HTTP/1.1', 'Host: app.gw.test', `X-Forwarded-For: ${utf8}`],
        ['GET /host HTTP/1.1', `Host: ${utf8}`],
        [`${utf8.slice(0, 40)} /method HTTP/1.1`, 'Host: app.gw.test'],
        [
          'GET /.doorward/check/nginx HTTP/1.1',
          'Host: x',
          `X-Original-URL: http://app.gw.test/${utf8}`,
          'X-Forwarded-For: 203.0.113.1',
          `X-Original-Method: ${utf8}`,
        ],
      ];
      for (const lines of requests) {
        await sendRaw(
          gateway.port,
          `${lines.join('\r\n')}\r\nCookie: ${pair}\r\nConnection: close\r\n\r\n`,
        );
      }
      await guess(gateway, text, text);
      await new Client().open(`${gateway.portal}/flow/${encoded}`);
    }
    await sendRaw(
      gateway.port,
      `GET /last-of-all HTTP/1.1\r\nHost: app.gw.test\r\nCookie: ${pair}\r\nConnection: close\r\n\r\n`,
    );
    await line('the last request', ({ path }) => path === '/last-of-all');

    const text = gateway.output();
    const start = text.indexOf('{"level"');
    const lines = text.slice(start).split('\n').slice(0, -1);
    expect(lines.length).toBeGreaterThan(nasty.length * 5);
    for (const one of lines) {
      expect(() => JSON.parse(one) as unknown, one.slice(0, 200)).not.toThrow();
      // eslint-disable-next-line no-control-regex
      expect(one).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/);
      expect(one.length).toBeLessThan(4096);
    }
    expect(logOf(gateway).some(({ msg }) => msg === 'forged')).toBe(false);
    // Only the gateway chooses the id of a request, unless a proxy forwards a plain one.
    for (const { request_id: id } of logOf(gateway)) {
      if (typeof id === 'string') expect(id).toMatch(/^[\w.:-]{1,128}$/);
    }
  });

  it('LOG-path-true: contain the path that was checked and that the app received', async () => {
    const probes = requestProbes.filter(
      ({ class: kind, request }) =>
        (kind === 'path-confusion' || kind === 'host-confusion') &&
        !request.target.startsWith('/.gw/'),
    );
    expect(probes.length).toBeGreaterThan(50);
    const { pair } = await world.signIn('bob');
    let forwarded = 0;
    for (const probe of probes) {
      world.app.seen.length = 0;
      world.admin.seen.length = 0;
      const bytes = await fill(bytesOf(probe), world.cookieOf);
      const raw = await sendRaw(
        world.gateway.port,
        bytes.replace('\r\n', `\r\nCookie: ${pair}\r\n`),
      );
      expect(statuses(raw).length, probe.id).toBeGreaterThan(0);
      for (const [app, name] of [
        [world.app, 'app'],
        [world.admin, 'admin'],
      ] as const) {
        for (const seen of app.seen) {
          forwarded += 1;
          const [id] = valuesOf(seen.rawHeaders, 'X-Request-Id');
          const told = await line(
            probe.id,
            (l) => l['msg'] === 'decision' && l['request_id'] === id,
          );
          expect(told['path'], probe.id).toBe(seen.target.split('?')[0]);
          expect(told['decision'], probe.id).toBe('allow');
          expect(told['route'], probe.id).toBe(name);
          const [host = ''] = valuesOf(seen.rawHeaders, 'Host');
          expect(host.split(':')[0], probe.id).toBe(told['host']);
        }
      }
    }
    expect(forwarded).toBeGreaterThan(5);
  });

  it('LOG-authn-events: record sign-ins, denials and policy faults with reason, user, location and id', async () => {
    const { gateway } = world;
    const headers = { 'x-forwarded-for': '203.0.113.44' };
    const place = '203.0.113.44';
    const codes: number[] = [];
    for (let tries = 0; tries < 4; tries += 1) {
      codes.push((await guess(gateway, 'carol', 'wrong', { headers })).status);
    }
    expect(codes).toContain(429);
    expect((await guess(gateway, 'bob', PASSWORD, { headers })).status).toBe(200);
    for (const result of ['wrong', 'throttled', 'right']) {
      const told = await line(
        result,
        (l) => l['msg'] === 'sign-in' && l['result'] === result && l['client_ip'] === place,
      );
      expect(told).toMatchObject({
        method: 'password',
        flow: 'login',
        user_id: result === 'right' ? 'file/bob' : 'file/carol',
        request_id: expect.stringMatching(/^[\w.:-]+$/) as string,
      });
    }
    const { pair } = await world.signIn('alice');
    const cookie = { ...FETCH, ...headers, cookie: pair };
    expect(
      (await new Client().send(`${gateway.app('app')}/admin/x`, { headers: cookie })).status,
    ).toBe(403);
    expect(
      (await new Client().send(`${gateway.app('broken')}/x`, { headers: cookie })).status,
    ).toBe(403);
    const about = { user_id: 'file/alice', client_ip: place, decision: 'deny', status: 403 };
    const denied = await line(
      'the denial',
      (l) => l['path'] === '/admin/x' && l['client_ip'] === place,
    );
    expect(denied).toMatchObject({ ...about, route: 'app', reasons: ['group/not-member'] });
    const failed = await line('the fault', (l) => l['route'] === 'broken');
    expect(failed).toMatchObject({ ...about, reasons: ['policy/error'] });
    const ended = await line(
      'the session',
      (l) => l['msg'] === 'session' && l['change'] === 'started',
    );
    expect(ended).toHaveProperty('user_id');
    const all = gateway.output();
    expect(all).not.toContain(PASSWORD);
    expect(all).not.toContain(pair.slice('doorward='.length));
  });
});
