/** The page of the second demo app. */
import type { IncomingMessage } from 'node:http';
import { html } from 'hono/html';
import { framed, type Markup } from './frame.ts';
import { MAX_NOTE, type Note } from './note-board.ts';
import type { Person } from './request.ts';

/** The board with its form; `refused` is what could not be taken as a note. */
export function notesPage(
  request: IncomingMessage,
  person: Person | null,
  notes: readonly Note[],
  refused: { readonly text: string } | null,
): string {
  const main = html`<section class="hero"><h1>Notes</h1>
<p>${
    person === null
      ? 'The gateway sent no username, so you cannot write notes.'
      : html`You write as <strong>${person.displayName}</strong>, the user in <code>Remote-User</code>. Notes are deleted when the gateway stops.`
  }</p></section>
${person === null ? null : form(refused)}
<section><h2>${notes.length === 0 ? 'No notes yet' : notes.length === 1 ? 'One note' : `${notes.length} notes`}</h2>${
    notes.length === 0
      ? html`<p class="none">The first one is yours.</p>`
      : html`<ul class="notes">${notes.map((note) => card(note, person))}</ul>`
  }</section>`;
  const title = refused === null ? 'Notes' : 'Error: Notes';
  return framed({ app: 'notes', request, person, title, main });
}

function form(refused: { readonly text: string } | null): Markup {
  return html`<section><form method="post" action="/notes"><label for="text">New note</label>${
    refused === null
      ? null
      : html`<p class="error" id="text-error" role="alert">A note must not be empty or longer than ${MAX_NOTE} characters.</p>`
  }<textarea id="text" name="text" rows="3" maxlength="${MAX_NOTE}" required${refused === null ? null : html` aria-invalid="true" aria-describedby="text-error"`}>
${refused?.text ?? ''}</textarea><button type="submit">Add note</button></form></section>`;
}

function card(note: Note, person: Person | null): Markup {
  const at = new Date(note.at).toISOString();
  return html`<li><p class="text">${note.text}</p><p class="small">${note.displayName} · <time datetime="${at}">${at.slice(0, 16).replace('T', ' ')} UTC</time></p>${
    person?.name === note.author
      ? html`<form method="post" action="/notes/delete"><input type="hidden" name="id" value="${note.id}"><button type="submit" class="plain" aria-label="Delete the note “${note.text.slice(0, 40)}”">Delete</button></form>`
      : null
  }</li>`;
}
