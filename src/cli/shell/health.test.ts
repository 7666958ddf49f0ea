/** `doorward health` against a listener over a real socket. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { doorward } from '../../../test/support/terminal.ts';

describe('health', () => {
  let server: Server | null = null;
  const close = (): void => void server?.close();
  afterEach(close);
  const gateway = async (status: number): Promise<string> => {
    const made = createServer((req, res) => {
      res.writeHead(req.url === '/readyz' ? status : 404).end('{"problems":["store/unavailable"]}');
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => made.once('listening', resolve));
    server = made;
    return `0.0.0.0:${(made.address() as AddressInfo).port}`;
  };

  it('exits 0 when the gateway is ready', async () => {
    const settings = { adminListen: await gateway(200) };
    expect(await doorward('health', { settings })).toEqual({ code: 0, out: 'ready\n', err: '' });
  });

  it('exits 1 with the reason when it is not', async () => {
    const { code, err } = await doorward('health', {
      settings: { adminListen: await gateway(503) },
    });
    expect(code).toBe(1);
    expect(err).toContain('store/unavailable');
  });

  it('exits 1 without a reply', async () => {
    const adminListen = await gateway(200);
    close();
    const { code, err } = await doorward('health', { settings: { adminListen } });
    expect(code).toBe(1);
    expect(err).toContain('is doorward running?');
  });

  it('exits 2 without an admin listener', async () => {
    expect((await doorward('health')).code).toBe(2);
  });
});
