/**
 * Emails sent through a real mail server, from the page that requests them to the app that opens.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client } from '../support/client.ts';
import { type Gateway, startGateway, until } from '../support/gateway.ts';
import { type MailServer, startMailServer, textOf } from '../support/mail-server.ts';

const flow = (stage: string, designation: string): string => `title: Sign in
designation: ${designation}
stages:
  - { type: identification }
  - { type: ${stage} }
  - { type: user_login }
`;
const LOGOUT = 'title: Out\ndesignation: invalidation\nstages: [{ type: user_logout }]\n';

const flows = {
  login: flow('email_code', 'authentication'),
  back: flow('email_link, other_browser: true', 'recovery'),
  logout: LOGOUT,
};

let server: MailServer;
let gateway: Gateway;

beforeAll(async () => {
  server = await startMailServer();
  gateway = await startGateway({
    flows,
    config: () =>
      `mail: { type: smtp, host: 127.0.0.1, port: ${server.port}, from: door@gw.test }\n`,
  });
});

afterAll(async () => {
  await gateway?.remove();
  await server?.close();
});

async function emailAfter(before: number): Promise<string> {
  await until(() => server.emails.length > before);
  const [newest] = server.emails.slice(-1);
  return newest === undefined ? '' : textOf(newest);
}

describe('mail', () => {
  it('delivers a code that signs in', async () => {
    const client = new Client();
    const before = server.emails.length;
    const first = await client.open(`${gateway.portal}/flow/login`);
    const page = await client.submitAndFollow(first, { login: 'alice' });
    const text = await emailAfter(before);
    expect(server.emails.at(-1)).toMatchObject({
      from: 'door@gw.test',
      to: ['alice@example.test'],
    });
    const code = /^\d{6}$/m.exec(text.replaceAll('\r', ''))?.[0] ?? '';
    await client.submitAndFollow(page, { code });
    expect((await client.open(`${gateway.portal}/`)).body).toContain('Alice Example');
  });

  it('delivers a link that signs in on another machine, but only after its button is pressed', async () => {
    const asking = new Client();
    const before = server.emails.length;
    await asking.submitAndFollow(await asking.open(`${gateway.portal}/flow/back`), {
      login: 'alice',
    });
    const link = /^http:\S+$/m.exec(await emailAfter(before))?.[0] ?? '';
    expect(link.startsWith(`${gateway.portal}/flow/back?plan=`)).toBe(true);
    const phone = new Client();
    const page = await phone.open(link);
    expect((await phone.open(`${gateway.portal}/`)).location).not.toBe('');
    await phone.submitAndFollow(page, {});
    expect((await phone.open(`${gateway.portal}/`)).body).toContain('Alice Example');
  });

  it('is not sent for an unknown name, and the page looks the same', async () => {
    const client = new Client();
    const before = server.emails.length;
    const question = await client.submitAndFollow(
      await client.open(`${gateway.portal}/flow/login`),
      {
        login: 'nobody',
      },
    );
    expect(question.status).toBe(200);
    expect(question.body).toContain('If we know you');
    // Another email follows: every earlier one has been sent by then.
    const alice = new Client();
    await alice.submitAndFollow(await alice.open(`${gateway.portal}/flow/back`), {
      login: 'carol',
    });
    await emailAfter(before);
    expect(server.emails.slice(before).map((one) => one.to)).toEqual([['carol@example.test']]);
  });

  it('is written to files if there is no mail server, and the log says where', async () => {
    const preview = await startGateway({ flows, config: () => '' });
    try {
      await until(() => preview.output().includes('emails are written to files'));
      const client = new Client();
      await client.submitAndFollow(await client.open(`${preview.portal}/flow/login`), {
        login: 'alice',
      });
      const folder = join(preview.dir, 'data/mail');
      const files = (): string[] => readdirSync(folder);
      await until(() => {
        try {
          return files().length === 1;
        } catch {
          // The folder is created with the first email.
          return false;
        }
      });
      const name = files()[0] ?? '';
      expect(readFileSync(join(folder, name), 'utf8')).toContain('To: alice@example.test');
    } finally {
      await preview.remove();
    }
  });
});
