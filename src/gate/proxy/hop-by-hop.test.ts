import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { testIdentity } from '../../../test/support/snapshot.ts';
import { reservedNames } from '../../core/access/identity.ts';
import {
  HOP_BY_HOP,
  OF_THE_MESSAGE,
  OVERRIDES,
  removedFields,
  SET_FIELDS,
} from '../../core/access/request-fields.ts';
import { addListed, fateInResponse, fateOf, trailersOf } from './hop-by-hop.ts';

const identity = reservedNames([testIdentity('X-Doorward-Jwt')]);

describe('a request field', () => {
  it.each([
    ['Accept', 'keep'],
    ['Authorization', 'keep'],
    ['traceparent', 'keep'],
    ['X-Remote-Control', 'keep'],
    ['Content-Length', 'length'],
    ['Cookie', 'cookie'],
    ['Connection', 'connection'],
    ['Proxy-Connection', 'connection'],
    ['TE', 'te'],
    ['Transfer-Encoding', 'drop'],
    ['Transfer_Encoding', 'drop'],
    ['Content_Length', 'drop'],
    ['Host', 'drop'],
    ['HTTP_HOST', 'drop'],
    ['HTTP2-Settings', 'drop'],
    ['Upgrade', 'drop'],
    ['Expect', 'drop'],
    ['X-Forwarded-For', 'drop'],
    ['x_forwarded.for', 'drop'],
    ['Forwarded', 'drop'],
    ['X-Rewrite-URL', 'drop'],
    ['X-HTTP-Method-Override', 'drop'],
    ['Cook_ie', 'drop'],
    ['Proxy', 'drop'],
    ['HTTP_PROXY', 'drop'],
    ['My_Field', 'drop'],
    ['My.Field', 'drop'],
    ['X-Forwarded-User', 'trusted'],
    ['X_Forwarded_User', 'drop'],
    ['X-Auth-Request-User', 'trusted'],
    ['CF-Connecting-IP', 'trusted'],
    ['Remote-User', 'drop'],
    ['REMOTE_USER', 'drop'],
    ['Remote.User_', 'drop'],
    ['http-remote-groups', 'drop'],
    ['X-Doorward-JWT', 'drop'],
  ])('%s: %s', (name, fate) => {
    expect(fateOf(identity, name)).toBe(fate);
    // And again from the cache.
    expect(fateOf(identity, name)).toBe(fate);
  });

  it('of a managed name is dropped in every spelling', () => {
    const separator = fc.constantFrom('-', '_', '.', '');
    const spelled = fc
      .tuple(
        fc.constantFrom('Remote', 'http_Remote'),
        separator,
        fc.constantFrom('User', 'Groups', 'Name'),
      )
      .chain(([a, s, b]) => {
        const name = `${a}${s}${b}`;
        return fc
          .array(fc.boolean(), { minLength: name.length, maxLength: name.length })
          .map((upper) =>
            Array.from(name, (c, i) => (upper[i] ? c.toUpperCase() : c.toLowerCase())).join(''),
          );
      });
    fc.assert(
      fc.property(spelled, (name) => {
        expect(fateOf(identity, name)).toBe('drop');
      }),
    );
  });

  it.each(['!', '#', '$', '%', '&', "'", '*', '+', '.', '^', '_', '`', '|', '~'])(
    'with the character %s in its name is removed, whatever the name',
    (character) => {
      for (const name of [
        `Remote${character}User`,
        `X${character}Forwarded-For`,
        `A${character}b`,
      ]) {
        expect(fateOf(identity, name)).toBe('drop');
      }
    },
  );

  it('that other proxies remove by name is removed here as well, and the other way round', () => {
    const removed = removedFields(['Remote-User']);
    expect(removed).not.toContain('Remote-User');
    for (const name of removed) expect(fateOf(identity, name)).toMatch(/^(?:drop|trusted)$/);
    for (const name of [...HOP_BY_HOP, ...OF_THE_MESSAGE, ...SET_FIELDS, ...OVERRIDES]) {
      expect(fateOf(identity, name)).toMatch(/^(?:drop|connection|te|length)$/);
    }
    expect(new Set(removed.map((name) => name.toLowerCase())).size).toBe(removed.length);
  });

  it('invented by the thousand is not cached forever, and checked alike', () => {
    for (let i = 0; i < 5000; i += 1) expect(fateOf(identity, `x-${i}`)).toBe('keep');
    expect(fateOf(identity, 'Remote-User')).toBe('drop');
  });

  it('is checked by the current configuration', () => {
    const other = reservedNames([testIdentity('X-Other')]);
    expect(fateOf(other, 'X-Doorward-Jwt')).toBe('keep');
    expect(fateOf(identity, 'X-Doorward-Jwt')).toBe('drop');
  });
});

describe('a Connection list', () => {
  it('contains plain names only', () => {
    const listed = addListed(null, 'close, X-One ,, remote-user;q=1, "x", a b');
    expect([...(listed ?? [])]).toEqual(['close', 'x-one']);
    expect(addListed(listed, 'Two')).toEqual(new Set(['close', 'x-one', 'two']));
  });

  it.each(['keep-alive', 'close'])('%s names nothing', (value) => {
    expect(addListed(null, value)).toBe(null);
  });
});

describe('a response', () => {
  it.each([
    ['Keep-Alive', 'drop'],
    ['upgrade', 'drop'],
    ['Proxy-Connection', 'drop'],
    ['TRANSFER-ENCODING', 'drop'],
    ['Connection', 'connection'],
    ['Set-Cookie', 'cookie'],
    ['content-length', 'length'],
    ['Trailer', 'trailer'],
    ['Date', 'date'],
    ['Server', 'keep'],
    ['constructor', 'keep'],
    ['x'.repeat(100), 'keep'],
  ])('has %s: %s', (name, fate) => {
    expect(fateInResponse(name)).toBe(fate);
    // And again from the cache.
    expect(fateInResponse(name)).toBe(fate);
  });
});

describe('trailers', () => {
  it('are forwarded except for fields that would change the message', () => {
    const raw = ['X-Sum', '1', 'Host', 'a', 'Set-Cookie', 'b', 'remote_user', 'c', 'x-SUM', '2'];
    expect(trailersOf(identity, raw)).toEqual(['X-Sum', '1', 'x-SUM', '2']);
    const odd = ['Remote!User', '1', 'X_Sum', '2', 'Proxy', '3', 'X-Forwarded-User', '4'];
    expect(trailersOf(identity, odd)).toEqual([]);
  });
});
