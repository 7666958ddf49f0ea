/** The readers of what programs send in place of a session. */
import type { CredentialReader } from '../../core/access/visitors.ts';

/** A reader with a memory, of one process. */
export interface ProgramReader extends CredentialReader {
  /** Visitors in memory. */
  remembered(): number;
  /** Ends the subscriptions to changes. */
  close(): void;
}
