import { once } from 'node:events';
import { createServer as createPlainServer, type AddressInfo, type Server } from 'node:net';
import { createServer } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { authority, certificate } from '../../test/support/certificate.ts';
import { speaksTls } from './speaks-tls.ts';

async function on(server: Server): Promise<{ port: number; [Symbol.dispose]: () => void }> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.dispose]: () => void server.close(),
  };
}

describe('a TLS server', () => {
  it('is detected, and nothing else is', async () => {
    const closed = createPlainServer();
    let free: number;
    {
      using gone = await on(closed);
      free = gone.port;
    }
    await once(closed, 'close');
    expect(await speaksTls('127.0.0.1', free, 'auth.example.com')).toBe(false);
    using plain = await on(
      createPlainServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')),
    );
    expect(await speaksTls('127.0.0.1', plain.port, 'auth.example.com')).toBe(false);
    const { pem, key } = certificate({}, authority());
    using tls = await on(
      createServer({ cert: pem, key: key.export({ type: 'pkcs8', format: 'pem' }) }),
    );
    expect(await speaksTls('127.0.0.1', tls.port, 'auth.example.com')).toBe(true);
  });
});
