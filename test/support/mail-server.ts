/** A mail server on loopback that records its emails. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

/** A received email. */
export interface Received {
  readonly from: string;
  readonly to: readonly string[];
  readonly secure: boolean;
  readonly user: string | null;
  /** Headers and body as received. */
  readonly raw: string;
}

/** A running mail server. */
export interface MailServer {
  readonly port: number;
  readonly emails: readonly Received[];
  readonly close: () => Promise<void>;
}

/** Starts one; by default, it offers no TLS and requires no password. */
export async function startMailServer(options: SMTPServerOptions = {}): Promise<MailServer> {
  const emails: Received[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    logger: false,
    ...options,
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope;
        emails.push({
          from: mailFrom === false ? '' : mailFrom.address,
          to: rcptTo.map((one) => one.address),
          secure: session.secure,
          user: typeof session.user === 'string' ? session.user : null,
          raw: Buffer.concat(chunks).toString('utf8'),
        });
        done();
      });
    },
  });
  server.on('error', () => {
    // Named fallback: a client that disconnects is part of the tests.
  });
  const listening = once(server.server, 'listening');
  server.listen(0, '127.0.0.1');
  await listening;
  const { port } = server.server.address() as AddressInfo;
  return { port, emails, close: () => new Promise((resolve) => server.close(() => resolve())) };
}

/** The plain text of an email, with its transfer encoding decoded. */
export function textOf({ raw }: Received): string {
  const part = raw
    .split(/\r\n--[^\r\n]+\r\n/)
    .find((one) => /^Content-Type: text\/plain/im.test(one));
  const [head = '', ...rest] = (part ?? raw).split('\r\n\r\n');
  const body = rest.join('\r\n\r\n');
  if (/base64/i.test(head)) return Buffer.from(body, 'base64').toString('utf8');
  if (!/quoted-printable/i.test(head)) return body;
  const bytes = body
    .replaceAll('=\r\n', '')
    .replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    );
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
