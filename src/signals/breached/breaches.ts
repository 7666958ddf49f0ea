/** A local or remote list of passwords from breaches. */
export interface Breaches {
  /**
   * Returns how often a password was seen, by its SHA-1 in uppercase hex; 0 means never. Rejects if
   * unknown.
   */
  count(hash: string, deadline: AbortSignal): Promise<number>;
  close(): Promise<void>;
}
