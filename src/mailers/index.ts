/** All mailers, in reading order. One line per folder. */
import type { MailerKind } from '../core/setup/adapters.ts';
import { file } from './file/mailer.ts';
import { smtp } from './smtp/mailer.ts';

export const mailers: readonly MailerKind[] = [smtp, file];
