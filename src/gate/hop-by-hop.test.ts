import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { testIdentity } from '../../test/support/snapshot.ts';
import { addListed, fateInAnswer, fateOf, trailersOf } from './hop-by-hop.ts';

const identity = testIdentity('X-Doorward-Jwt');

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
    ['X-Forwarded-User', 'trusted'],
    ['X-Auth-Request-User', 'trusted'],
    ['CF-Connecting-IP', 'trusted'],
    ['Remote-User', 'drop'],
    ['REMOTE_USER', 'drop'],
    ['Remote.User_', 'drop'],
    ['http-remote-groups', 'drop'],
    ['X-Doorward-JWT', 'drop'],
  ])('%s: %s', (name, fate) => {
    expect(fateOf(identity, name)).toBe(fate);
    // And again from memory.
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

  it('invented by the thousand is not remembered for ever, and judged alike', () => {
    for (let i = 0; i < 5000; i += 1) expect(fateOf(identity, `x-${i}`)).toBe('keep');
    expect(fateOf(identity, 'Remote-User')).toBe('drop');
  });

  it('is judged by the configuration at hand', () => {
    const other = testIdentity('X-Other');
    expect(fateOf(other, 'X-Doorward-Jwt')).toBe('keep');
    expect(fateOf(identity, 'X-Doorward-Jwt')).toBe('drop');
  });
});

describe('a Connection list', () => {
  it('names plain names only', () => {
    const listed = addListed(null, 'close, X-One ,, remote-user;q=1, "x", a b');
    expect([...(listed ?? [])]).toEqual(['close', 'x-one']);
    expect(addListed(listed, 'Two')).toEqual(new Set(['close', 'x-one', 'two']));
  });

  it.each(['keep-alive', 'close'])('%s names nothing', (value) => {
    expect(addListed(null, value)).toBe(null);
  });
});

describe('an answer', () => {
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
    expect(fateInAnswer(name)).toBe(fate);
    // And again from memory.
    expect(fateInAnswer(name)).toBe(fate);
  });
});

describe('trailers', () => {
  it('go on without what would change the message', () => {
    const raw = ['X-Sum', '1', 'Host', 'a', 'Set-Cookie', 'b', 'remote_user', 'c', 'x-SUM', '2'];
    expect(trailersOf(identity, raw)).toEqual(['X-Sum', '1', 'x-SUM', '2']);
  });
});
