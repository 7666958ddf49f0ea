/**
 * Takes emails over and sends them after the answer, so that nobody can tell by the time of a page
 * whether there was one. What cannot be sent is told to the log, never to the page.
 */
import { fillTemplate } from '../core/flow/email-template.ts';
import { isAddress, type Email, type Mailer, type OutgoingEmail } from '../core/flow/mail.ts';
import type { EventSink } from '../core/access/event.ts';
import { asProblem, Problem } from '../core/values/problem.ts';
import type { Live } from '../core/setup/snapshot.ts';
import { occasionValues } from './occasion.ts';
import { templateFor, templatesWith } from './templates.ts';

/** Most emails that wait for the mail server; those beyond are dropped. */
const MOST = 200;
/** What may wait for the last emails when all is closed, in milliseconds. */
const GRACE = 5_000;

/** What emails are sent with. */
export interface OutboxOptions {
  /** Null: no mail is configured, and no flow was linked that needs it. */
  readonly mailer: Mailer | null;
  /** The operator's emails by file name. */
  readonly templates: Readonly<Record<string, string>>;
  readonly live: Live;
  readonly events: EventSink;
  /** Runs later, once what is at hand is done. */
  readonly later?: (work: () => void) => void;
}

/** Emails on their way. */
export interface Outbox {
  /** Whether there is a mailer. */
  readonly isReady: boolean;
  /** Never waits for the mail server and never rejects for it. */
  send(email: OutgoingEmail): Promise<void>;
  /** Waits for those under way, for a while. Does not close the mailer. */
  close(): Promise<void>;
}

/** The service over one mailer. */
export function createOutbox(tools: OutboxOptions): Outbox {
  const templates = templatesWith(tools.templates);
  const { mailer, later = setImmediate } = tools;
  const pending = new Set<Promise<void>>();
  const tell = (cause: unknown): void => {
    const { code } = asProblem(cause);
    tools.events.emit({ type: 'fault', code, requestId: null, cause });
  };

  async function deliver(email: OutgoingEmail): Promise<void> {
    if (mailer === null) throw new Problem('mail/none', 'No mail is configured.');
    const template = templateFor(templates, email.template, email.language);
    if (template === null || !isAddress(email.to) || !isOurs(email, tools.live)) {
      throw new Problem('mail/unlawful', 'A stage ordered an email that cannot be written.');
    }
    const values = { ...email.values, ...occasionValues(email.occasion, email.language) };
    await mailer.send({ to: email.to, ...fillTemplate(template, values) });
  }

  return {
    isReady: mailer !== null,
    send(email) {
      if (pending.size >= MOST) {
        tell(new Problem('mail/overrun', 'Too many emails wait for the mail server.'));
        return Promise.resolve();
      }
      const sending: Promise<void> = new Promise<void>((resolve) => later(resolve))
        .then(() => deliver(email))
        .catch(tell)
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

/** A link leads to the portal, or the email is not sent. */
function isOurs({ values }: Email, live: Live): boolean {
  const { link } = values;
  return link === undefined || link.startsWith(`${live.current.site.origin}/flow/`);
}
