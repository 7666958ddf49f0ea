/**
 * A client certificate is accepted only from a trusted proxy, and only a single, complete and
 * verified one.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  authority,
  certificate,
  type CertificateWords,
  type Issued,
} from '../support/certificate.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { answersOf, sendRaw } from '../support/raw.ts';

const DAY = 86_400_000;
const today = { from: Date.now() - DAY, until: Date.now() + DAY };
const ca = authority(today);
const issue = (words: CertificateWords = {}, by: Issued | null = ca): string =>
  encodeURIComponent(certificate({ names: ['alice'], ...today, ...words }, by).pem);
const ALICE = issue();

const flows = (file: string) => ({
  login: `title: Sign in
designation: authentication
stages:
  - { type: mtls, header: Ssl-Client-Cert, ca: "\${file:${file}}" }
  - { type: user_login }
`,
  logout: 'title: Sign out\ndesignation: invalidation\nstages: [{ type: user_logout }]\n',
});

let dir = '';
let behind: Gateway;
let open: Gateway;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'doorward-certificates-'));
  const file = join(dir, 'client-ca.pem');
  writeFileSync(file, ca.pem);
  const words = (more: string) => ({ config: () => `${more}routes: []\n`, flows: flows(file) });
  behind = await startGateway(words('trusted_proxies: [127.0.0.1]\n'));
  open = await startGateway(words(''));
});
afterAll(async () => {
  await behind?.remove();
  await open?.remove();
  rmSync(dir, { recursive: true, force: true });
});

interface Reply {
  readonly status: number;
  readonly head: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- tests read replies of any shape
  readonly json: any;
}

async function ask(gateway: Gateway, lines: readonly string[], body = ''): Promise<Reply> {
  const { host, origin } = new URL(gateway.portal);
  const sending =
    body === ''
      ? []
      : ['Content-Type: application/json', `Content-Length: ${body.length}`, `Origin: ${origin}`];
  const head = [`Host: ${host}`, 'Connection: close', 'X-Forwarded-For: 192.0.2.7', ...sending];
  const start = `${body === '' ? 'GET' : 'POST'} /api/flow/login HTTP/1.1`;
  const raw = await sendRaw(
    gateway.port,
    `${[start, ...head, ...lines].join('\r\n')}\r\n\r\n${body}`,
  );
  const [answer] = answersOf(raw);
  const { status = 0, head: fields = '', body: text = '' } = answer ?? {};
  return { status, head: fields, json: text.startsWith('{') ? JSON.parse(text) : null };
}

/** Opens the page with a good certificate, then submits with the given headers. */
async function click(lines: readonly string[]): Promise<Reply> {
  const page = await ask(behind, [`Ssl-Client-Cert: ${ALICE}`]);
  const [, browser = ''] = /set-cookie: (doorward-browser=[^;]+)/i.exec(page.head) ?? [];
  const { seed, csrf } = page.json;
  const body = JSON.stringify({ seed, csrf, answer: {} });
  return ask(behind, [`Cookie: ${browser}`, ...lines], body);
}

const isSignedIn = ({ head }: Reply): boolean => /set-cookie: doorward=[^;]/i.test(head);

describe('a certificate in a header', () => {
  it('signs its owner in if it comes from a trusted proxy', async () => {
    const end = await click([`Ssl-Client-Cert: ${ALICE}`]);
    expect([end.status, end.json.done, isSignedIn(end)]).toEqual([200, true, true]);
  });

  it.each<[string, () => Gateway, readonly string[]]>([
    ['from an untrusted peer', () => open, [`Ssl-Client-Cert: ${ALICE}`]],
    [
      'from anybody else who says they were forwarded',
      () => open,
      [`Ssl-Client-Cert: ${ALICE}`, 'Forwarded: for=127.0.0.1', 'X-Real-IP: 127.0.0.1'],
    ],
    ['twice', () => behind, [`Ssl-Client-Cert: ${ALICE}`, `Ssl-Client-Cert: ${ALICE}`]],
    ['twice, in two cases', () => behind, [`Ssl-Client-Cert: x`, `ssl-client-cert: ${ALICE}`]],
    ['under a similar name', () => behind, [`Ssl_Client_Cert: ${ALICE}`]],
    [
      'empty, with another beside it',
      () => behind,
      ['Ssl-Client-Cert:', `X-Ssl-Client-Cert: ${ALICE}`],
    ],
  ])('is ignored: one %s', async (_what, gateway, lines) => {
    const reply = await ask(gateway(), lines);
    expect([reply.status, reply.json.error]).toEqual([403, 'mtls/none']);
  });

  it.each<[string, () => string, string]>([
    [
      'that has expired',
      () => issue({ from: Date.now() - 2 * DAY, until: Date.now() - 1000 }),
      'mtls/expired',
    ],
    ['of another authority of the same name', () => issue({}, authority(today)), 'mtls/issuer'],
    ['that is self-signed', () => issue({}, null), 'mtls/issuer'],
    ['of the authority itself', () => encodeURIComponent(ca.pem), 'mtls/purpose'],
    ['of an unknown user', () => issue({ names: ['nobody'] }), 'mtls/wrong'],
    ['of a disabled user', () => issue({ names: ['dan'] }), 'mtls/wrong'],
    ['that is garbage', () => '%00%ff-----BEGIN', 'mtls/garbled'],
    ['that is too large', () => 'A'.repeat(17_000), 'mtls/garbled'],
    ['followed by another', () => ALICE + ALICE, 'mtls/garbled'],
  ])('signs in no user: one %s', async (_what, value, code) => {
    const end = await click([`Ssl-Client-Cert: ${value()}`]);
    expect([end.status, end.json.refusal?.code, isSignedIn(end)]).toEqual([401, code, false]);
  });

  it('signs in no user if it is missing from the submission', async () => {
    const end = await click([]);
    expect([end.json.error, isSignedIn(end)]).toEqual(['mtls/none', false]);
  });
});
