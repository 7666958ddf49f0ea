/**
 * Signing in with a client certificate behind a real nginx that terminates TLS, and without one.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  authority,
  type CertificateWords,
  certificate,
  type Issued,
  keyPem,
  SERVER_AUTH,
} from '../support/certificate.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { startNginx } from '../support/nginx.ts';
import { isLeftOut } from '../support/packages.ts';
import { freePort } from '../support/ports.ts';
import type { Program } from '../support/program.ts';

const HOST = 'auth.gw.test';
const DAY = 86_400_000;
/** Valid on the day of the test. */
const today = { from: Date.now() - DAY, until: Date.now() + DAY };
const ca = authority(today);
const issue = (words: CertificateWords = {}, by: Issued = ca): Issued =>
  certificate({ ...today, ...words }, by);

const flow = (file: string): string => `title: Sign in
designation: authentication
stages:
  - { type: mtls, header: Ssl-Client-Cert, ca: "\${file:${file}}", attribute: san.email, equals: email }
  - { type: user_login }
`;
const LOGOUT = `title: Sign out
designation: invalidation
stages: [{ type: user_logout }]
`;

const nginxConf = (port: number, gateway: number): string => `
daemon off;
worker_processes 1;
pid nginx.pid;
error_log error.log;
events { worker_connections 64; }
http {
  access_log off;
  client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;
  server {
    listen 127.0.0.1:${port} ssl;
    ssl_certificate server.pem;
    ssl_certificate_key server.key;
    ssl_verify_client optional_no_ca;
    location / {
      proxy_pass http://127.0.0.1:${gateway};
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header Ssl-Client-Cert $ssl_client_escaped_cert;
    }
  }
}
`;

interface Heard {
  readonly status: number;
  readonly cookies: readonly string[];
  // oxlint-disable-next-line typescript/no-explicit-any -- tests read replies of any shape
  readonly json: any;
}

/**
 * How a script connects, besides its certificate: without TLS, from another address, with headers
 * of its own.
 */
interface Coming {
  readonly protocol?: 'http:';
  readonly localAddress?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A script with cookies of its own, and with a certificate if one is given. */
function script(port: number, owner: Issued | null, more: Coming = {}) {
  const jar = new Map<string, string>();
  const isPlain = more.protocol === 'http:';
  const tls = {
    servername: HOST,
    ca: ca.pem,
    ...(owner === null ? {} : { cert: owner.pem, key: keyPem(owner) }),
  };
  return (method: string, path: string, body?: object): Promise<Heard> =>
    new Promise((resolve, reject) => {
      const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
      const headers = {
        host: `${HOST}:${port}`,
        ...(cookie === '' ? {} : { cookie }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...more.headers,
      };
      const options = {
        ...(isPlain ? {} : tls),
        ...more,
        agent: false,
        host: '127.0.0.1',
        method,
        path,
        headers,
      };
      const request = (isPlain ? httpRequest : httpsRequest)({ port, ...options }, (answer) => {
        let text = '';
        answer.on('data', (chunk: Buffer) => (text += chunk.toString()));
        answer.on('end', () => {
          const cookies = answer.headers['set-cookie'] ?? [];
          for (const line of cookies) {
            const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
            jar.set(name, value);
          }
          const json: unknown = text.startsWith('{') ? JSON.parse(text) : text;
          resolve({ status: answer.statusCode ?? 0, cookies, json });
        });
      });
      request.on('error', reject);
      request.end(body === undefined ? undefined : JSON.stringify(body));
    });
}

describe.skipIf(isLeftOut('nginx'))(
  'a client certificate (unless nginx is left out by DOORWARD_TEST_WITHOUT)',
  () => {
    let dir = '';
    let port = 0;
    let gateway: Gateway;
    let nginx: Program;

    beforeAll(async () => {
      dir = mkdtempSync(join(tmpdir(), 'doorward-mtls-'));
      port = await freePort();
      const server = issue({ names: [HOST], dns: [HOST], usages: [SERVER_AUTH] });
      writeFileSync(join(dir, 'client-ca.pem'), ca.pem);
      writeFileSync(join(dir, 'server.pem'), server.pem);
      writeFileSync(join(dir, 'server.key'), keyPem(server), { mode: 0o600 });
      gateway = await startGateway({
        config: () => 'trusted_proxies: [127.0.0.1]\nroutes: []\n',
        env: { DOORWARD_PUBLIC_URL: `https://${HOST}:${port}` },
        flows: { login: flow(join(dir, 'client-ca.pem')), logout: LOGOUT },
      });
      writeFileSync(join(dir, 'nginx.conf'), nginxConf(port, gateway.port));
      nginx = await startNginx(dir, port);
    });
    afterAll(async () => {
      await nginx?.stop();
      await gateway?.remove();
      rmSync(dir, { recursive: true, force: true });
    });

    /** Opens the sign-in page and submits it. */
    async function signIn(send: ReturnType<typeof script>): Promise<Heard> {
      const page = await send('GET', '/api/flow/login');
      if (page.status !== 200) return page;
      expect(page.json.stage.type).toBe('mtls');
      const { seed, csrf } = page.json;
      return send('POST', '/api/flow/login', { seed, csrf, answer: {} });
    }

    it('signs its owner in', async () => {
      const send = script(port, issue({ emails: ['alice@example.test'] }));
      const end = await signIn(send);
      expect([end.status, end.json.done]).toEqual([200, true]);
      const listed = await gateway.run(['session', 'list', '--user', 'alice', '--json']);
      expect(JSON.parse(listed.out)).toHaveLength(1);
    });

    it('signs no user in if it has another authority, or belongs to an unknown or disabled user', async () => {
      const all: [Issued, string][] = [
        [
          issue({ emails: ['alice@example.test'] }, authority({ ...today, names: ['Other CA'] })),
          'mtls/issuer',
        ],
        [issue({ emails: ['nobody@example.test'] }), 'mtls/wrong'],
        [issue({ emails: ['dan@example.test'] }), 'mtls/wrong'],
      ];
      for (const [owner, code] of all) {
        const end = await signIn(script(port, owner));
        expect([end.status, end.json.refusal?.code]).toEqual([401, code]);
        expect(end.cookies.join()).not.toContain('__Secure-doorward=');
      }
    });

    it('is ignored if a client only writes it into the header, through nginx and around it', async () => {
      const alices = issue({ emails: ['alice@example.test'] });
      const headers = { 'ssl-client-cert': encodeURIComponent(alices.pem) };
      const through = script(port, null, { headers });
      const around = script(gateway.port, null, {
        protocol: 'http:',
        localAddress: '127.0.0.2',
        headers: { ...headers, host: `${HOST}:${port}`, 'x-forwarded-for': '127.0.0.1' },
      });
      for (const send of [through, around]) {
        const end = await signIn(send);
        expect([end.status, end.json.error]).toEqual([403, 'mtls/none']);
      }
    });
  },
);
