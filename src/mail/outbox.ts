/**
 * Queues emails and sends them after the response, so that response times do not reveal whether one was
 * sent. Failures go to the log, never to a page.
 */
import { fillTemplate } from '../core/flow/email-template.ts';
import {
  isAddress,
  type Email,
  type Mailer,
  type OutgoingEmail,
  type Outbox,
} from '../core/flow/mail.ts';
import type { EventSink } from '../core/access/event.ts';
import { asProblem, Problem } from '../core/values/problem.ts';
import type { Live } from '../core/setup/snapshot.ts';
import { occasionValues } from './occasion.ts';
import { templateFor, templatesWith } from './templates.ts';

/** Maximum number of emails that wait for the mail server; any more are dropped. */
const MOST = 200;
/** How long `close` waits for pending emails, in milliseconds. */
const GRACE = 5_000;

/** What sending emails needs. */
export interface OutboxOptions {
  /** Null: no mail is configured, and no flow needs it. */
  readonly mailer: Mailer | null;
  /** The operator's templates by file name. */
  readonly templates: Readonly<Record<string, string>>;
  readonly live: Live;
  readonly events: EventSink;
  /** Runs work after the current response. */
  readonly later?: (work: () => void) => void;
}

/** An outbox that can be closed. */
interface ClosableOutbox extends Outbox {
  /** Waits a while for pending emails. Does not close the mailer. */
  close(): Promise<void>;
}

/** The outbox over one mailer. Its `send` never rejects. */
export function createOutbox(options: OutboxOptions): ClosableOutbox {
  const templates = templatesWith(options.templates);
  const { mailer, later = setImmediate } = options;
  const pending = new Set<Promise<void>>();
  const report = (cause: unknown): void => {
    const { code } = asProblem(cause);
    options.events.emit({ type: 'fault', code, requestId: null, cause });
  };

  async function deliver(email: OutgoingEmail): Promise<void> {
    if (mailer === null) throw new Problem('mail/none', 'No mail is configured.');
    const template = templateFor(templates, email.template, email.language);
    if (template === null || !isAddress(email.to) || !isOurs(email, options.live)) {
      throw new Problem('mail/unlawful', 'A stage ordered an invalid email.');
    }
    const values = { ...email.values, ...occasionValues(email.occasion, email.language) };
    await mailer.send({ to: email.to, ...fillTemplate(template, values) });
  }

  return {
    isReady: mailer !== null,
    send(email) {
      if (pending.size >= MOST) {
        report(new Problem('mail/overrun', 'Too many emails are waiting for the mail server.'));
        return Promise.resolve();
      }
      const sending: Promise<void> = new Promise<void>((resolve) => later(resolve))
        .then(() => deliver(email))
        .catch(report)
        .finally(() => pending.delete(sending));
      pending.add(sending);
      return Promise.resolve();
    },
    async close() {
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, GRACE);
      await Promise.race([Promise.all(pending), promise]);
      clearTimeout(timer);
    },
  };
}

/** Whether a link in the email leads to the portal. */
function isOurs({ values }: Email, live: Live): boolean {
  const { link } = values;
  return link === undefined || link.startsWith(`${live.current.site.origin}/flow/`);
}
