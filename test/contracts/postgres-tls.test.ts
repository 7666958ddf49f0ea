/** TLS to a real Postgres: which servers are believed, and that no other one receives a password. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reachPostgres } from '../../src/database/postgres/reach.ts';
import { postgresConfig } from '../../src/schema/postgres.ts';
import { authority, certificate, keyPem, SERVER_AUTH } from '../support/certificate.ts';
import { isLeftOut } from '../support/packages.ts';
import { freePort } from '../support/ports.ts';
import { type Postgres, startPostgres } from '../support/postgres.ts';

const HBA = `local all all trust
hostssl all tls_only 127.0.0.1/32 trust
hostnossl all tls_only all reject
host all all all trust
`;

describe.skipIf(isLeftOut('postgres'))(
  'Postgres (unless left out by DOORWARD_TEST_WITHOUT)',
  () => {
    const [ours, other] = [authority(), authority({ names: ['Other CA'] })];
    let dir: string;
    let named: Postgres;
    let numbered: Postgres;
    let plain: Postgres;

    const withTls = (names: { readonly dns?: string[]; readonly addresses?: string[] }) => {
      const issued = certificate({ names: ['db'], usages: [SERVER_AUTH], ...names }, ours);
      return startPostgres({
        files: { 'server.crt': issued.pem, 'server.key': keyPem(issued), 'pg_hba.conf': HBA },
        settings: ['ssl=on'],
      });
    };
    beforeAll(async () => {
      dir = mkdtempSync(join(tmpdir(), 'doorward-ca-'));
      writeFileSync(join(dir, 'ours.pem'), ours.pem);
      writeFileSync(join(dir, 'other.pem'), other.pem);
      [named, numbered, plain] = await Promise.all([
        withTls({ dns: ['localhost'] }),
        withTls({ addresses: ['127.0.0.1'] }),
        startPostgres(),
      ]);
    });
    afterAll(async () => {
      await Promise.all([named?.stop(), numbered?.stop(), plain?.stop()]);
      rmSync(dir, { recursive: true, force: true });
    });

    /** Why a server cannot be reached, or null. `CA` and `OTHER` are files with an authority. */
    const reach = (
      { port }: Pick<Postgres, 'port'>,
      host: string,
      query: string,
      user = 'doorward',
    ) => {
      const parameters = query
        .replace('=CA', `=${encodeURIComponent(join(dir, 'ours.pem'))}`)
        .replace('=OTHER', `=${encodeURIComponent(join(dir, 'other.pem'))}`);
      const url = `postgres://${user}:secret@${host}:${port}/postgres?${parameters}`;
      return reachPostgres(postgresConfig.parse(url));
    };

    it.each([
      ['the authority and the name', 'localhost', 'sslmode=verify-full&sslrootcert=CA'],
      ['the authority and the name, by default', 'localhost', 'sslrootcert=CA'],
      ['the authority, whatever the name', '127.0.0.1', 'sslmode=verify-ca&sslrootcert=CA'],
      ['nothing, on request', '127.0.0.1', 'sslmode=disable'],
    ])('is believed by %s', async (_, host, query) => {
      expect(await reach(named, host, query)).toBeNull();
    });

    it.each([
      ['another name', '127.0.0.1', 'sslmode=verify-full&sslrootcert=CA', /altnames|IP/],
      ['another authority', 'localhost', 'sslmode=verify-full&sslrootcert=OTHER', /certificate/],
      [
        'another authority, by any name',
        'localhost',
        'sslmode=verify-ca&sslrootcert=OTHER',
        /certificate/,
      ],
      ['none of the usual authorities', 'localhost', 'sslmode=verify-full', /certificate/],
      [
        'none of the usual authorities, by any name',
        'localhost',
        'sslmode=verify-ca',
        /certificate/,
      ],
    ])('is not believed with a certificate of %s', async (_, host, query, why) => {
      expect(await reach(named, host, query)).toMatch(why);
    });

    it('is believed by its address, and then by no name', async () => {
      const query = 'sslmode=verify-full&sslrootcert=CA';
      expect(await reach(numbered, '127.0.0.1', query)).toBeNull();
      expect(await reach(numbered, 'localhost', query)).toMatch(/altnames/);
    });

    it('without TLS is refused unless that is said', async () => {
      for (const mode of ['verify-full', 'verify-ca']) {
        expect(await reach(plain, 'localhost', `sslmode=${mode}&sslrootcert=CA`)).toMatch(/SSL/);
      }
      expect(await reach(plain, 'localhost', 'sslmode=disable')).toBeNull();
    });

    it('that requires TLS is not reached without', async () => {
      named.run('postgres:///postgres', 'CREATE ROLE tls_only LOGIN');
      expect(await reach(named, '127.0.0.1', 'sslmode=disable', 'tls_only')).toMatch(/pg_hba/);
      expect(await reach(named, 'localhost', 'sslrootcert=CA', 'tls_only')).toBeNull();
    });

    it.each([
      ['says that it has no TLS', 'N'],
      ['says nothing that TLS knows', 'SR\0\0\0\x08\0\0\0\x03'],
      ['asks for the password instead', 'R\0\0\0\x08\0\0\0\x03'],
    ])('that %s receives neither user nor password', async (_, reply) => {
      const received: Buffer[] = [];
      const server: Server = createServer((socket) => {
        socket.on('error', () => socket.destroy());
        socket.on('data', (bytes: Buffer) => {
          received.push(bytes);
          socket.write(reply, 'latin1');
        });
      });
      const port = await freePort();
      await new Promise<void>((resolve) => void server.listen(port, '127.0.0.1', resolve));
      expect(
        await reach({ port }, '127.0.0.1', 'sslmode=verify-full&sslrootcert=CA'),
      ).not.toBeNull();
      server.close();
      const sent = Buffer.concat(received).toString('latin1');
      expect(sent).not.toMatch(/secret|doorward/);
      expect(sent).not.toBe('');
    });
  },
);
