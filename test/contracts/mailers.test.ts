/** Mail is delivered through real sockets and real files, or refused; errors reveal no content. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Mail } from '../../src/core/flow/mail.ts';
import { mailers } from '../../src/mailers/index.ts';
import { fakeClock } from '../support/fakes.ts';
import { countingRandom } from '../support/flow-fakes.ts';
import { type MailServer, startMailServer, textOf } from '../support/mail-server.ts';
import { freePort } from '../support/ports.ts';

const MAIL: Mail = {
  to: 'ann@example.com',
  subject: 'Your code for Häuser',
  text: 'It is 123456.\n',
  html: '<p>It is 123456.</p>',
};
const FROM = 'Door <door@example.com>';
const cleaners: (() => unknown)[] = [];
afterEach(async () => {
  for (const clean of cleaners.splice(0).toReversed()) await clean();
});

function kindOf(type: string) {
  const kind = mailers.find((one) => one.type === type);
  if (kind === undefined) throw new Error(`no mailer ${type}`);
  return kind;
}

async function open(type: string, options: object) {
  const dataDir = mkdtempSync(join(tmpdir(), 'doorward-mail-'));
  cleaners.push(() => rmSync(dataDir, { recursive: true }));
  const kind = kindOf(type);
  const clock = fakeClock();
  const tools = { clock, random: countingRandom(), dataDir };
  const mailer = await kind.open(kind.config.parse(options), tools);
  cleaners.push(() => mailer.close());
  return { mailer, dataDir, clock };
}

async function serverWith(
  options: Parameters<typeof startMailServer>[0] = {},
): Promise<MailServer> {
  const server = await startMailServer(options);
  cleaners.push(server.close);
  return server;
}

describe('the smtp mailer', () => {
  it('sends an email to one address, as text and HTML', async () => {
    const server = await serverWith();
    const { mailer } = await open('smtp', { host: '127.0.0.1', port: server.port, from: FROM });
    await mailer.send(MAIL);
    const [email] = server.emails;
    expect(email).toMatchObject({ from: 'door@example.com', to: ['ann@example.com'] });
    expect(email?.raw).toMatch(/^From: "?Door"? <door@example.com>\r$/m);
    expect(email?.raw).toMatch(/^Auto-Submitted: auto-generated\r$/m);
    expect(email === undefined ? '' : textOf(email)).toContain('It is 123456.');
    expect(email?.raw).toContain('<p>It is 123456.</p>');
  });

  it('authenticates if a username is configured', async () => {
    const server = await serverWith({
      authOptional: false,
      allowInsecureAuth: true,
      onAuth: (auth, _session, done) =>
        auth.password === 'right'
          ? done(null, { user: auth.username })
          : done(new Error('who says ann@example.com?')),
    });
    const base = { host: '127.0.0.1', port: server.port, from: FROM, user: 'door' };
    await (await open('smtp', { ...base, password: 'right' })).mailer.send(MAIL);
    expect(server.emails[0]?.user).toBe('door');
    const { mailer } = await open('smtp', { ...base, password: 'wrong' });
    await expect(mailer.send(MAIL)).rejects.toMatchObject({ code: 'mail/unavailable' });
    expect(server.emails).toHaveLength(1);
  });

  it('sends no plain text to another machine unless it is configured to', async () => {
    const server = await serverWith();
    // A name that does not certainly belong to this machine, although it resolves to it.
    const base = { host: '0.0.0.0', port: server.port, from: FROM };
    const { mailer } = await open('smtp', base);
    await expect(mailer.send(MAIL)).rejects.toMatchObject({ code: 'mail/unavailable' });
    expect(server.emails).toEqual([]);
    await (await open('smtp', { ...base, insecure: true })).mailer.send(MAIL);
    expect(server.emails).toHaveLength(1);
  });

  it('accepts no untrusted certificate unless it is configured to', async () => {
    const server = await serverWith({ disabledCommands: [] });
    const base = { host: '0.0.0.0', port: server.port, from: FROM };
    const { mailer } = await open('smtp', base);
    await expect(mailer.send(MAIL)).rejects.toMatchObject({ code: 'mail/unavailable' });
    expect(server.emails).toEqual([]);
    await (await open('smtp', { ...base, insecure: true })).mailer.send(MAIL);
    expect(server.emails[0]?.secure).toBe(true);
  });

  it('reports only the codes of a refusal', async () => {
    const server = await serverWith({
      onRcptTo: (address, _session, done) => done(new Error(`no ${address.address} here`)),
    });
    const { mailer } = await open('smtp', { host: '127.0.0.1', port: server.port, from: FROM });
    const refused: unknown = await mailer.send(MAIL).catch((caught: unknown) => caught);
    expect(refused).toMatchObject({ code: 'mail/unavailable', status: 503 });
    expect(refused).not.toHaveProperty('cause');
    expect((refused as Error).message).not.toContain('ann@');
  });

  it('starts without its server, and reports the fault when an email is sent', async () => {
    const { mailer } = await open('smtp', {
      host: '127.0.0.1',
      port: await freePort(),
      from: FROM,
    });
    await expect(mailer.send(MAIL)).rejects.toMatchObject({ code: 'mail/unavailable' });
  });

  it.each([
    {},
    { host: 'mail.example.com' },
    { host: 'smtp://mail.example.com', from: FROM },
    { host: 'mail.example.com', from: 'door' },
    { host: 'mail.example.com', from: 'Door door@example.com>' },
    { host: 'mail.example.com', from: 'a@example.com, b@example.com' },
    { host: 'mail.example.com', from: 'Door\r\nBcc: x <door@example.com>' },
    { host: 'mail.example.com', from: FROM, user: 'door' },
    { host: 'mail.example.com', from: FROM, port: 0 },
    { host: 'mail.example.com', from: FROM, tls: false },
  ])('refuses the options %j', (options) => {
    expect(kindOf('smtp').config.safeParse(options).success).toBe(false);
  });
});

describe('the file mailer', () => {
  it('writes an email that only its owner can read', async () => {
    const { mailer, dataDir } = await open('file', {});
    await mailer.send(MAIL);
    const folder = join(dataDir, 'mail');
    const [name = ''] = readdirSync(folder);
    expect(readFileSync(join(folder, name), 'utf8')).toMatch(
      /^To: ann@example\.com\nSubject: Your code for Häuser\nDate: .+Z\n\nIt is 123456\.\n$/,
    );
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
  });

  it('keeps the newest hundred emails', async () => {
    const { mailer, dataDir, clock } = await open('file', {});
    for (let i = 0; i < 103; i += 1) {
      await mailer.send({ ...MAIL, text: `${i}` });
      clock.advance(1);
    }
    const names = readdirSync(join(dataDir, 'mail')).sort();
    expect(names).toHaveLength(100);
    expect(readFileSync(join(dataDir, 'mail', names[0] ?? ''), 'utf8')).toMatch(/\n\n3$/);
  });

  it('reports that it cannot write, but not the content', async () => {
    const { mailer, dataDir } = await open('file', {});
    rmSync(dataDir, { recursive: true });
    writeFileSync(dataDir, '');
    await expect(mailer.send(MAIL)).rejects.toMatchObject({ code: 'mail/unavailable' });
  });
});
