/**
 * Sends mail by SMTP over TLS. Unencrypted connections are allowed to this machine only, or if the
 * operator sets `insecure`. It logs nothing, and its errors contain no address or body.
 */
import { z } from 'zod';
import type { MailerKind } from '../../core/setup/adapters.ts';
import { isAddress } from '../../core/flow/mail.ts';
import { Problem } from '../../core/values/problem.ts';
import { fieldsOf } from '../../core/values/record.ts';

/** Time limit of each step of a delivery, in milliseconds. */
const TIMEOUT = 10_000;
const LOOPBACK = /^(?:localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|::1)$/i;
const SENDER = /^(?:([^<>"\p{C}]{0,64}) <)?([^<>\s]+?)(>)?$/u;

const config = z
  .strictObject({
    host: z
      .string()
      .regex(/^[A-Za-z0-9.:-]{1,255}$/, 'expected a host name or address, without a scheme')
      .describe('The mail server.'),
    port: z
      .int()
      .min(1)
      .max(65_535)
      .prefault(587)
      .describe('465 uses TLS from the start, all others begin with STARTTLS.'),
    user: z.string().min(1).max(320).optional().describe('Username for the mail server.'),
    password: z.string().min(1).max(1024).optional().describe('Password for the mail server.'),
    from: z
      .string()
      .max(320)
      .refine((text) => sender(text) !== null, 'expected Name <door@example.com> or the address')
      .describe('Sender of the emails.'),
    insecure: z
      .boolean()
      .prefault(false)
      .describe('Also sends without TLS, or to a server with an untrusted certificate.'),
  })
  .refine((options) => (options.user === undefined) === (options.password === undefined), {
    path: ['password'],
    message: 'user and password go together',
  });

/** See README.md beside this file. */
export const smtp: MailerKind<z.infer<typeof config>> = {
  type: 'smtp',
  config,
  async open(options) {
    const { createTransport } = await import('nodemailer');
    const { host, port, user, password } = options;
    const isHere = LOOPBACK.test(host);
    const isStrict = !isHere && !options.insecure;
    const transport = createTransport({
      pool: true,
      maxConnections: 2,
      maxMessages: 100,
      maxRequeues: 1,
      host,
      port,
      secure: port === 465,
      requireTLS: isStrict,
      ignoreTLS: isHere,
      opportunisticTLS: !isStrict,
      tls: { minVersion: 'TLSv1.2', rejectUnauthorized: isStrict },
      dnsTimeout: TIMEOUT,
      connectionTimeout: TIMEOUT,
      greetingTimeout: TIMEOUT,
      socketTimeout: TIMEOUT,
      maxResponseSize: 64 * 1024,
      ...(user === undefined || password === undefined ? {} : { auth: { user, pass: password } }),
    });
    const from = sender(options.from) ?? options.from;
    return {
      async send({ to, subject, text, html }) {
        try {
          await transport.sendMail({
            from,
            // An object, so that the address is never parsed as a list.
            to: { name: '', address: to },
            subject,
            text,
            html,
            headers: { 'Auto-Submitted': 'auto-generated' },
            disableFileAccess: true,
            disableUrlAccess: true,
          });
        } catch (caught) {
          throw unavailable(caught);
        }
      },
      close() {
        transport.close();
        return Promise.resolve();
      },
    };
  },
};

function sender(text: string): { readonly name: string; readonly address: string } | null {
  const [, name = '', address = '', end] = SENDER.exec(text) ?? [];
  const isWhole = (end === '>') === text.includes('<');
  return isWhole && isAddress(address) ? { name: name.trim(), address } : null;
}

/** Server replies can contain addresses, so the error includes their codes only. */
function unavailable(caught: unknown): Problem {
  const { code, responseCode } = fieldsOf(caught);
  const told = [code, responseCode]
    .filter((part) => typeof part === 'string' || typeof part === 'number')
    .filter((part) => /^[A-Z0-9]{1,20}$/.test(String(part)));
  const codes = told.length === 0 ? 'unknown' : told.join(' ');
  return new Problem('mail/unavailable', `The mail server did not take an email (${codes}).`, {
    status: 503,
  });
}
