/** A signed-in request to an app and back, beside proxies that make no decisions. */
import { startBenchGateway } from '../gateway.ts';
import { type Contender, measure } from '../measure.ts';
import { startNginx, startScript } from '../servers.ts';
import { mintSessions } from '../sessions.ts';
import { contender, type Stand } from '../stand.ts';

const SIZES = [
  {
    what: 'proxy, 1 KB',
    path: '/wiki/page?x=1',
    connections: 32,
    milliseconds: 300,
    limit: 25_000,
  },
  { what: 'proxy, 10 MB', path: '/large', connections: 4, milliseconds: 600, limit: 25_000 },
];

export async function measureProxy({ report, nginx, app, state, begin }: Stand): Promise<void> {
  const gateway = await begin(startBenchGateway({ state, upstream: app.port }));
  const [cookie = ''] = await mintSessions(gateway.configFile, 1);
  const plain = await begin(startScript('plain-proxy.ts', `http://127.0.0.1:${app.port}`));
  const location = 'proxy_pass http://app; proxy_http_version 1.1; proxy_set_header Connection "";';
  const passing =
    nginx === null ? null : await begin(startNginx(nginx, { location, app: app.port }));
  for (const { what, path, limit, ...plan } of SIZES) {
    const request = `GET ${path} HTTP/1.1\r\nHost: app.gw.test\r\nAccept: text/html\r\nCookie: theme=dark; ${cookie}; lang=en\r\n\r\n`;
    const all: Contender[] = [
      contender('ours', gateway, request),
      contender('http-proxy', plain, request),
      ...(passing === null ? [] : [contender('nginx', passing, request)]),
    ];
    const deadline = performance.now() + limit;
    const measured = await measure(all, { rounds: 9, ...plan, deadline });
    const ours = measured.get('ours');
    report.compare(what, 'nginx proxy_pass', ours, measured.get('nginx'));
    report.compare(what, 'plain http-proxy 1.18', ours, measured.get('http-proxy'));
  }
}
