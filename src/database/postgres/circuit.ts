/**
 * Whether anything is asked of a server. While it is open, whatever would ask is refused at once, so that a
 * server that hangs costs one wait and not one for each request.
 */

/** The change feed opens and closes it: it asks twice a second in any case. */
export interface Circuit {
  /** Throws the reason while it is open. */
  check(): void;
  /** Refuses whatever asks, and cuts what is under way. */
  open(reason: Error): void;
  close(): void;
  /** Cuts what is under way, which may be tried again. */
  cut(): void;
  /** Calls `end` at a cut; returns the function that stops that, and tells whether it was in time. */
  onCut(end: () => void): () => boolean;
}

/** Closed. */
export function createCircuit(): Circuit {
  const ends = new Set<() => void>();
  let refusal: Error | null = null;
  function cut(): void {
    const all = [...ends];
    ends.clear();
    for (const end of all) end();
  }
  return {
    check() {
      if (refusal !== null) throw refusal;
    },
    open(reason) {
      refusal = reason;
      cut();
    },
    close: () => void (refusal = null),
    cut,
    onCut(end) {
      ends.add(end);
      return () => ends.delete(end);
    },
  };
}
