/** Notes in memory, bounded in number and size. They last as long as the process. */
import { randomUUID } from 'node:crypto';

/** One note. */
export interface Note {
  readonly id: string;
  /** Sign-in name of who wrote it. */
  readonly author: string;
  readonly displayName: string;
  readonly text: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** Notes kept; the oldest makes room. */
export const MAX_NOTES = 50;
/** Longest note, in characters. */
export const MAX_NOTE = 500;

/** The board. */
export interface NoteBoard {
  /** Newest first. */
  list(): readonly Note[];
  add(note: Omit<Note, 'id'>): void;
  /** Removes a note of this author; false when there is none. */
  remove(id: string, author: string): boolean;
}

/** An empty board. */
export function noteBoard(): NoteBoard {
  let notes: readonly Note[] = [];
  return {
    list: () => notes,
    add(note) {
      notes = [{ ...note, id: randomUUID() }, ...notes].slice(0, MAX_NOTES);
    },
    remove(id, author) {
      const kept = notes.filter((note) => note.id !== id || note.author !== author);
      const isGone = kept.length < notes.length;
      notes = kept;
      return isGone;
    },
  };
}
