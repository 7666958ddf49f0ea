/**
 * A gRPC app behind the proxies, each with the configuration that `doorward generate` printed: real
 * calls by a real client. The files expect TLS for HTTP/2; here, the proxies serve it in cleartext.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWorld, type World } from '../hostile/fixture.ts';
import { startCaddy } from '../support/caddy.ts';
import { caddyFront, type Front, haproxyFront, nginxFront } from '../support/fronts.ts';
import { type GrpcApp, type GrpcClient, grpcClient, startGrpcApp } from '../support/grpc.ts';
import { freePort } from '../support/ports.ts';
import { until } from '../support/until.ts';

interface Http2Front extends Front {
  /** Where it speaks HTTP/2, if not where it speaks HTTP/1.1. */
  readonly port?: number;
}

/** Without TLS, nginx needs another port for HTTP/2. */
async function nginx(): Promise<Http2Front> {
  const port = await freePort();
  return {
    ...nginxFront,
    port,
    start: ({ text, ...place }) =>
      nginxFront.start({
        ...place,
        text: text.replaceAll(/listen \d+([^;]*);/g, `$&\n    listen ${port}$1 http2;`),
      }),
  };
}

/** Without TLS, Caddy must be told to speak HTTP/2. */
const caddy: Http2Front = {
  ...caddyFront,
  start({ dir, port, text }) {
    const options = 'admin off\ndefault_bind 127.0.0.1\nservers {\nprotocols h1 h2c\n}\n';
    writeFileSync(join(dir, 'Caddyfile'), `{\n${options}}\n${text}`);
    return startCaddy(dir, port);
  },
};

describe.each<[string, Front, () => Promise<Http2Front>]>([
  ['nginx', nginxFront, nginx],
  ['caddy', caddyFront, async () => caddy],
  ['haproxy', haproxyFront, async () => haproxyFront],
])('a gRPC app behind %s', (_, { isHere }, http2) => {
  describe.skipIf(!isHere())('with the generated file', () => {
    let app: GrpcApp;
    let world: World;
    let port = 0;
    const clients: GrpcClient[] = [];
    beforeAll(async () => {
      app = await startGrpcApp();
      const front = await http2();
      world = await startWorld({
        trusted: true,
        front,
        routes: () => [
          `{ id: rpc, host: rpc.gw.test, upstream: "${app.url}", policies: [{ type: group, any: [admins] }] }`,
        ],
      });
      port = front.port ?? world.port;
    });
    afterAll(async () => {
      for (const client of clients) client.close();
      await world?.close();
      await app.close();
    });

    const clientOf = (metadata: Record<string, string>): GrpcClient => {
      const client = grpcClient(port, `rpc.gw.test:${world.port}`, metadata);
      clients.push(client);
      return client;
    };

    it('serves all kinds of calls, with trailers', async () => {
      const bob = clientOf({ cookie: await world.cookieOf('bob'), 'remote-user': 'root' });
      expect(await bob.say('hello')).toMatchObject({ status: 'OK', texts: ['hello'] });
      expect(await bob.say('fail')).toMatchObject({ status: 'NOT_FOUND', details: 'no such café' });
      expect(await bob.count('50')).toMatchObject({ status: 'OK' });
      expect(await bob.join(['a', 'b'])).toMatchObject({ status: 'OK', texts: ['a b'] });
      const texts = ['one', 'two', 'three'];
      expect(await bob.talk(texts)).toMatchObject({ status: 'OK', texts });
      const before = app.cancelled();
      expect((await bob.leave()).status).toBe('CANCELLED');
      await until('the app knows', () => app.cancelled() > before);
    });

    it('passes identity headers of Doorward alone, and no session cookie', async () => {
      for (const metadata of app.seen) {
        expect(metadata.get('remote-user')).toEqual(['bob']);
        expect(metadata.get('cookie').join()).toBe('');
      }
      expect(app.seen.length).toBeGreaterThan(0);
    });

    it('refuses calls as gRPC clients understand it', async () => {
      const before = app.seen.length;
      expect((await clientOf({}).say('hello')).status).toBe('UNAUTHENTICATED');
      expect((await clientOf({}).join(['a', 'b'])).status).toBe('UNAUTHENTICATED');
      const alice = clientOf({ cookie: await world.cookieOf('alice') });
      expect((await alice.say('hello')).status).toBe('PERMISSION_DENIED');
      expect((await alice.talk(['a'])).status).toBe('PERMISSION_DENIED');
      expect(app.seen.length).toBe(before);
    });
  });
});
