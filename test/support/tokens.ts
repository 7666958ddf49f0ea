/** Tokens, and texts that fit their checksum but were never issued. */
import { newTokenText, type Token } from '../../src/core/people/token.ts';
import { START } from './fakes.ts';

/** A token of `fake/ann` without limits. */
export function testToken(changes: Partial<Token> = {}): Token {
  return {
    id: 'AbCdEfG',
    textName: 'token:text',
    userId: 'fake/ann',
    name: 'Backup',
    routes: [],
    methods: [],
    networks: [],
    createdAt: START,
    expiresAt: null,
    lastUsedAt: null,
    ...changes,
  };
}

/** The same text with another id and the checksum that fits it. */
export function withId(text: string, id: string): string {
  const body = id + text.slice(4 + id.length, 38);
  return newTokenText({ token: () => body }).text;
}

/** The Authorization field of a program with a name and password. */
export function basic(name: string, password: string): string {
  return `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`;
}
