/**
 * Takes letters over and sends them after the answer, so that nobody can tell by the time of a page
 * whether there was one. What cannot be sent is told to the log, never to the page.
 */
import { fillLetter } from '../core/flow/letter-template.ts';
import { isAddress, type Letter, type Mailer, type SentLetter } from '../core/flow/mail.ts';
import type { EventSink } from '../core/access/event.ts';
import { asProblem, Problem } from '../core/values/problem.ts';
import type { Live } from '../core/setup/snapshot.ts';
import { occasionValues } from './occasion.ts';
import { templateFor, templatesWith } from './templates.ts';

/** Most letters that wait for the mail server; those beyond are dropped. */
const MOST = 200;
/** What may wait for the last letters when all is closed, in milliseconds. */
const GRACE = 5_000;

/** What letters are sent with. */
export interface LetterTools {
  /** Null: no mail is configured, and no flow was linked that needs it. */
  readonly mailer: Mailer | null;
  /** The operator's letters by file name. */
  readonly templates: Readonly<Record<string, string>>;
  readonly live: Live;
  readonly events: EventSink;
  /** Runs later, once what is at hand is done. */
  readonly later?: (work: () => void) => void;
}

/** Letters on their way. */
export interface SentLetters {
  /** Whether there is a mailer. */
  readonly isReady: boolean;
  /** Never waits for the mail server and never rejects for it. */
  send(letter: SentLetter): Promise<void>;
  /** Waits for those under way, for a while. Does not close the mailer. */
  close(): Promise<void>;
}

/** The service over one mailer. */
export function createLetters(tools: LetterTools): SentLetters {
  const templates = templatesWith(tools.templates);
  const { mailer, later = setImmediate } = tools;
  const pending = new Set<Promise<void>>();
  const tell = (cause: unknown): void => {
    const { code } = asProblem(cause);
    tools.events.emit({ type: 'fault', code, requestId: null, cause });
  };

  async function deliver(letter: SentLetter): Promise<void> {
    if (mailer === null) throw new Problem('mail/none', 'No mail is configured.');
    const template = templateFor(templates, letter.template, letter.language);
    if (template === null || !isAddress(letter.to) || !isOurs(letter, tools.live)) {
      throw new Problem('mail/unlawful', 'A stage ordered a letter that cannot be written.');
    }
    const values = { ...letter.values, ...occasionValues(letter.occasion, letter.language) };
    await mailer.send({ to: letter.to, ...fillLetter(template, values) });
  }

  return {
    isReady: mailer !== null,
    send(letter) {
      if (pending.size >= MOST) {
        tell(new Problem('mail/overrun', 'Too many letters wait for the mail server.'));
        return Promise.resolve();
      }
      const sending: Promise<void> = new Promise<void>((resolve) => later(resolve))
        .then(() => deliver(letter))
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

/** A link leads to the portal, or the letter is not sent. */
function isOurs({ values }: Letter, live: Live): boolean {
  const { link } = values;
  return link === undefined || link.startsWith(`${live.current.site.origin}/flow/`);
}
