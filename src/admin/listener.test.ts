/** The operators' listener over real sockets. */
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { sendRaw, statuses } from '../../test/support/raw.ts';
import { Problem } from '../core/values/problem.ts';
import { createAdminServer, type Readiness } from './listener.ts';

let server: Server | null = null;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function listening(
  ready: () => Promise<Readiness> = () => Promise.resolve({ ok: true, problems: [] }),
  render: () => Promise<string> = () => Promise.resolve('doorward_reload_ok 1\n'),
): Promise<number> {
  server = createAdminServer({
    ready,
    metrics: { render, contentType: 'text/plain; version=0.0.4' },
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

const ask = async (port: number, path: string, method = 'GET'): Promise<Response> =>
  fetch(`http://127.0.0.1:${port}${path}`, { method });

describe('the admin listener', () => {
  it('is alive while the process runs, ready or not', async () => {
    const port = await listening(() => Promise.reject(new Error('down')));
    const answer = await ask(port, '/healthz');
    expect([answer.status, await answer.text()]).toEqual([200, 'ok\n']);
  });

  it.each([
    [
      'is ready',
      () => Promise.resolve({ ok: true, problems: [] }),
      200,
      { ready: true, problems: [] },
    ],
    [
      'says what is not usable',
      () => Promise.resolve({ ok: false, problems: ['store/unavailable'] }),
      503,
      { ready: false, problems: ['store/unavailable'] },
    ],
    [
      'is not ready when readiness cannot be determined',
      () => Promise.reject(new Problem('store/unavailable', 'down')),
      503,
      { ready: false, problems: ['store/unavailable'] },
    ],
  ] as const)('%s', async (_, ready, status, body) => {
    const answer = await ask(await listening(ready), '/readyz');
    expect([answer.status, await answer.json()]).toEqual([status, body]);
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  it('returns metrics in the Prometheus format', async () => {
    const answer = await ask(await listening(), '/metrics?x=1');
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4');
    expect(await answer.text()).toBe('doorward_reload_ok 1\n');
  });

  it('reports a failed scrape without its cause', async () => {
    const port = await listening(undefined, () => Promise.reject(new Error('secret')));
    const answer = await ask(port, '/metrics');
    expect([answer.status, await answer.text()]).toEqual([500, 'internal\n']);
  });

  it.each(['/', '/admin', '/metrics/', '/healthz/../metrics', '/METRICS', '//metrics'])(
    'has nothing at %s',
    async (path) => {
      const port = await listening();
      const answer = await sendRaw(
        port,
        `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
      );
      expect(statuses(answer)).toEqual([404]);
    },
  );

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('refuses %s', async (method) => {
    const answer = await ask(await listening(), '/readyz', method);
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });

  it('replies to HEAD without a body', async () => {
    const port = await listening();
    const answer = await sendRaw(
      port,
      'HEAD /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
    );
    expect(answer).toContain('Content-Length: 21');
    expect(answer.endsWith('\r\n\r\n')).toBe(true);
  });

  it('refuses headers of more than 8 KB', async () => {
    const port = await listening();
    const answer = await sendRaw(
      port,
      `GET /healthz HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(9_000)}\r\n\r\n`,
    );
    expect(statuses(answer)).toEqual([431]);
  });

  it('does not read a body as the next request', async () => {
    const port = await listening();
    const smuggled = 'GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n';
    const answer = await sendRaw(
      port,
      `GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: ${smuggled.length}\r\n\r\n${smuggled}`,
    );
    expect(statuses(answer)).toEqual([200]);
  });
});
