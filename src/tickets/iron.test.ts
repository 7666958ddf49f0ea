import { randomBytes } from 'node:crypto';
import * as fc from 'fast-check';
import { sealData } from 'iron-session';
import { describe, expect, it, vi } from 'vitest';
import { createTickets } from './iron.ts';
import { baseKeys } from './secrets.ts';

const OLD = 'the old secret, long enough for a server';
const NEW = 'the new secret, long enough for a server';
const tickets = createTickets([OLD]);
const SCOPE = 'domain:example.com';

function ticket(): { id: string; secret: string } {
  return {
    id: randomBytes(16).toString('base64url'),
    secret: randomBytes(32).toString('base64url'),
  };
}

/** A seal with the server's actual key, of any value. */
function forge(value: unknown, ttl = 0): Promise<string> {
  const [key] = baseKeys([OLD]);
  return sealData(value, {
    password: { [String(key.id)]: key.key('ticket').toString('base64url') },
    ttl,
  });
}

const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** Changes the highest bit of a character: the last one of a text has unused low bits. */
function changed(char: string): string {
  const at = BASE64URL.indexOf(char);
  return at < 0 ? 'A' : (BASE64URL[at ^ 32] as string);
}

describe('a sealed ticket', () => {
  it('opens to its value, fits a cookie, and is never the same twice', async () => {
    const given = ticket();
    const value = await tickets.seal(given, SCOPE);
    expect(await tickets.open(value)).toEqual({ ...given, scope: SCOPE });
    // RFC 6265 cookie-octet: no quotes, blanks, commas, semicolons, backslashes.
    expect(value).toMatch(/^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]{100,600}$/);
    expect(await tickets.seal(given, SCOPE)).not.toBe(value);
  });

  it('becomes invalid without its secret, and survives a rotation in any order', async () => {
    const given = ticket();
    const value = await tickets.seal(given, SCOPE);
    expect(await createTickets([NEW]).open(value)).toBeNull();
    expect(await createTickets([NEW, OLD]).open(value)).toEqual({ ...given, scope: SCOPE });
    expect(await createTickets([OLD, NEW]).open(value)).toEqual({ ...given, scope: SCOPE });
    const rotated = await createTickets([NEW, OLD]).seal(given, SCOPE);
    expect(await createTickets([NEW]).open(rotated)).toEqual({ ...given, scope: SCOPE });
    expect(await tickets.open(rotated)).toBeNull();
  });

  it('is invalid if a character was changed anywhere before the version mark', async () => {
    const value = await tickets.seal(ticket(), SCOPE);
    for (let i = 0; i < value.lastIndexOf('~'); i++) {
      expect(
        await tickets.open(value.slice(0, i) + changed(value[i] as string) + value.slice(i + 1)),
      ).toBeNull();
    }
  });

  it.each(['%00', '=', '~2', '~', '2', '.0', '"', '\n', ' '])(
    'has no second spelling with %j at its end',
    async (tail) => {
      const value = await tickets.seal(ticket(), SCOPE);
      expect(await tickets.open(value + tail)).toBeNull();
      expect(await tickets.open(value.replace('~2', `${tail}~2`))).toBeNull();
    },
  );

  it.each(['', '~1', '~3', '~02'])('is none with the version mark %j', async (mark) => {
    const value = await tickets.seal(ticket(), SCOPE);
    expect(await tickets.open(value.replace('~2', mark))).toBeNull();
  });

  it.each([
    {},
    null,
    'text',
    [],
    { id: 'x', secret: 'y' },
    { id: 1, secret: 2 },
    { id: `${'a'.repeat(22)}\n`, secret: 'b'.repeat(43) },
    { id: 'a'.repeat(22) },
    { id: 'a'.repeat(22), secret: 'b'.repeat(44) },
    { id: ['a'.repeat(22)], secret: 'b'.repeat(43), scope: SCOPE },
    { id: 'a'.repeat(22), secret: 'b'.repeat(43), scope: '' },
    { id: 'a'.repeat(22), secret: 'b'.repeat(43), scope: ['host:a'] },
    { id: 'a'.repeat(22), secret: 'b'.repeat(43), scope: `host:${'a'.repeat(300)}` },
    { id: 'a'.repeat(22), secret: 'b'.repeat(43) }, // as version 0.1 sealed it
  ])('is invalid if its content is no ticket (%j)', async (value) => {
    expect(await tickets.open(await forge(value))).toBeNull();
  });

  it('cannot be created from an invalid ticket', async () => {
    await expect(tickets.seal({ id: 'x', secret: 'y' }, SCOPE)).rejects.toMatchObject({
      code: 'ticket/shape',
    });
  });
});

describe('garbage', () => {
  const parts = fc.constantFrom(
    'Fe26.2',
    '*',
    '**',
    '1',
    '__proto__',
    'constructor',
    '',
    '~2',
    'AAAA',
    '%',
    '\0',
  );
  it('opens to nothing, without an exception or a message', async () => {
    const spies = (['log', 'warn', 'error', 'debug', 'info'] as const).map((name) =>
      vi.spyOn(console, name).mockImplementation(() => undefined),
    );
    const texts = fc.oneof(
      fc.string(),
      fc.array(parts, { maxLength: 20 }).map((p) => p.join('')),
    );
    await fc.assert(
      fc.asyncProperty(texts, async (text) => {
        expect(await tickets.open(text)).toBeNull();
      }),
    );
    expect(await tickets.open('A'.repeat(10_000_000))).toBeNull();
    for (const spy of spies) {
      expect(spy).not.toHaveBeenCalled();
      spy.mockRestore();
    }
  });
});
