/**
 * Writes emails as files under `data_dir/mail`, for machines without a mail server. Nothing is
 * sent, and only the newest emails are kept.
 */
import { mkdir, readdir, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { MailerKind } from '../../core/setup/adapters.ts';
import { Problem } from '../../core/values/problem.ts';
import { codeOf } from '../../core/values/record.ts';

/** Maximum number of emails to keep. */
const MOST = 100;
const NAME = /^\d{4}-\d\d-\d\dT[\d-]+Z-[A-Za-z0-9_-]+\.txt$/;

const config = z.strictObject({});

/** See README.md beside this file. */
export const file: MailerKind<z.infer<typeof config>> = {
  type: 'file',
  config,
  open(_options, { clock, random, dataDir }) {
    const folder = join(dataDir, 'mail');
    return Promise.resolve({
      async send({ to, subject, text }) {
        const at = new Date(clock.now()).toISOString();
        const name = `${at.replaceAll(/[:.]/g, '-')}-${random.token(6)}.txt`;
        const email = `To: ${to}\nSubject: ${subject}\nDate: ${at}\n\n${text}`;
        try {
          await mkdir(folder, { recursive: true, mode: 0o700 });
          await writeFile(join(folder, name), email, { mode: 0o600, flag: 'wx' });
          await prune(folder);
        } catch (cause) {
          const message = 'An email could not be written to data_dir/mail.';
          throw new Problem('mail/unavailable', message, { status: 503, cause });
        }
      },
      close: () => Promise.resolve(),
    });
  },
};

async function prune(folder: string): Promise<void> {
  const emails = (await readdir(folder)).filter((name) => NAME.test(name)).sort();
  for (const name of emails.slice(0, Math.max(0, emails.length - MOST))) {
    await unlink(join(folder, name)).catch((caught: unknown) => {
      // Named fallback: another process has deleted the file already.
      if (codeOf(caught) !== 'ENOENT') throw caught;
    });
  }
}
