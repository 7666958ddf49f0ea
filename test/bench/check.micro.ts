/**
 * The cost of a warm check in our own code, without a socket: `node test/bench/check.micro.ts`.
 * Prints nanoseconds per check; measures only.
 */
import { COOKIE, type Pairs, testGate, testRequest, testResponse } from '../support/gate.ts';

const ROUNDS = 7;
const CHECKS = 50_000;

/** A browser's own headers, as proxies forward them. */
const BROWSER: Pairs = [
  ['Host', 'doorward:4747'],
  ['User-Agent', 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/142.0 Safari/537.36'],
  ['Accept', 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'],
  ['Accept-Encoding', 'gzip, deflate, br, zstd'],
  ['Accept-Language', 'en-GB,en;q=0.9,de;q=0.8'],
  ['Cookie', `theme=dark; _ga=GA1.2.3.4; ${COOKIE}; lang=en`],
  ['Sec-Ch-Ua', '"Chromium";v="142"'],
  ['Sec-Ch-Ua-Mobile', '?0'],
  ['Sec-Ch-Ua-Platform', '"Linux"'],
  ['Sec-Fetch-Dest', 'document'],
  ['Sec-Fetch-Mode', 'navigate'],
  ['Sec-Fetch-Site', 'same-origin'],
  ['Upgrade-Insecure-Requests', '1'],
];

const DIALECTS: Readonly<Record<string, Pairs>> = {
  nginx: [
    ...BROWSER,
    ['X-Original-URL', 'https://wiki.example.com/pages/start?from=menu'],
    ['X-Original-Method', 'GET'],
    ['X-Forwarded-For', '192.0.2.7'],
  ],
  traefik: [
    ...BROWSER,
    ['X-Forwarded-Method', 'GET'],
    ['X-Forwarded-Proto', 'https'],
    ['X-Forwarded-Host', 'wiki.example.com'],
    ['X-Forwarded-Uri', '/pages/start?from=menu'],
    ['X-Forwarded-For', '192.0.2.7'],
  ],
};

for (const [name, pairs] of Object.entries(DIALECTS)) {
  const { ask, check, events } = await testGate();
  events.emit = () => {};
  const first = await ask(name, pairs);
  if (first.status !== 200) throw new Error(`${name}: ${first.status} ${first.body}`);
  const request = testRequest('GET', pairs);
  const { res } = testResponse();
  const silent = Object.assign(res, { writeHead: () => silent, end: () => silent });
  const rounds: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const begun = process.hrtime.bigint();
    for (let i = 0; i < CHECKS; i += 1) check.handle(request, silent, name, '');
    rounds.push(Number(process.hrtime.bigint() - begun) / CHECKS);
  }
  rounds.sort((a, b) => a - b);
  console.log(
    `${name}  ${Math.round(rounds[ROUNDS >> 1] ?? 0)} ns a check, best ${Math.round(rounds[0] ?? 0)}`,
  );
}
