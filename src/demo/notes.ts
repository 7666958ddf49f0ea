/**
 * The second demo app: a board of notes, written by the users whom the gateway names. Changes only
 * by POST from its own pages, and answers each with 303, so that a reload repeats nothing.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { send, sendPage, sendPublicFile } from './frame.ts';
import { MAX_NOTE, type NoteBoard } from './note-board.ts';
import { notesPage } from './notes-page.ts';
import { isOwnForm, type Person, personOf } from './request.ts';

/** Largest form, in bytes: a note in three-byte characters, each percent-encoded. */
const MAX_BODY = 16 * 1024;

type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** The app over a board; `now` in epoch milliseconds. */
export function notes(board: NoteBoard, now: () => number): Handler {
  return async (request, response) => {
    const path = (request.url ?? '/').split('?', 1)[0] as string;
    const person = personOf(request);
    if (request.method === 'GET' || request.method === 'HEAD') {
      if (sendPublicFile('notes', path, response)) return;
      // A user who had to sign in before the form was accepted comes back to its address.
      const isFound = path === '/' || path === '/notes';
      sendPage(response, isFound ? 200 : 404, notesPage(request, person, board.list(), null));
      return;
    }
    const isKnown = path === '/notes' || path === '/notes/delete';
    if (request.method !== 'POST' || !isKnown) return plain(response, 405, 'Not here.');
    if (person === null || !isOwnForm(request)) {
      return plain(response, 403, 'Only this app’s own forms, and only for signed-in users.');
    }
    const form = await readForm(request);
    if (form === null) return plain(response, 413, 'That is too long.');
    if (path === '/notes/delete') board.remove(form.get('id') ?? '', person.name);
    else if (!addNote(board, person, form.get('text') ?? '', now())) {
      const refused = { text: form.get('text') ?? '' };
      sendPage(response, 422, notesPage(request, person, board.list(), refused));
      return;
    }
    response.writeHead(303, { location: '/', 'cache-control': 'no-store' }).end();
  };
}

function addNote(board: NoteBoard, person: Person, raw: string, at: number): boolean {
  const text = raw
    .replaceAll('\r\n', '\n')
    .replace(/[\u0000-\u0009\u000b-\u001f\u007f]/g, '')
    .trim();
  if (text === '' || text.length > MAX_NOTE) return false;
  board.add({ author: person.name, displayName: person.displayName, text, at });
  return true;
}

/** The fields of a form, or null when it is too large; what is left of it is not read. */
async function readForm(request: IncomingMessage): Promise<URLSearchParams | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY) return null;
    chunks.push(chunk);
  }
  return new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
}

function plain(response: ServerResponse, status: number, words: string): void {
  send(response, status, 'text/plain; charset=utf-8', `${words}\n`);
}
