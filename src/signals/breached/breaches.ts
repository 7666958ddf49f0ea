/** A list of passwords that have been seen in breaches, wherever it is. */
export interface Breaches {
  /** How often a password was seen, by its SHA-1 in capital hex digits; 0 for never. Rejects if that is not known. */
  count(hash: string, deadline: AbortSignal): Promise<number>;
  close(): Promise<void>;
}
