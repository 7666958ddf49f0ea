import { describe, expect, it } from 'vitest';
import { answerHead, latin1Fields } from './response-headers.ts';

const OWN = ['doorward', '__Secure-doorward'];

/** What a client gets of these lines. */
function passing(lines: readonly string[], status = 200, bodiless = false): string[] {
  const raw = lines.flatMap((line) => line.split(/: ?/, 2));
  const { headers } = answerHead(status, 'OK', raw, OWN, bodiless);
  return headers.flatMap((part, i) => (i % 2 === 0 ? [`${part}: ${headers[i + 1]}`] : []));
}

describe('a client receives', () => {
  it.each<[string, string[], string[]]>([
    ['all in order', ['A: 1', 'b: 2', 'A: 3'], ['A: 1', 'b: 2', 'A: 3']],
    ['nothing of the hop', ['Connection: close', 'Keep-Alive: x', 'Upgrade: h2c', 'TE: x'], []],
    ['nothing listed', ['Connection: x-a, Set-Cookie', 'X-A: 1', 'set-cookie: a=b'], []],
    [
      'the length, listed or not',
      ['Connection: content-length', 'Content-Length: 1'],
      ['Content-Length: 1'],
    ],
    [
      'no cookie of ours',
      ['Set-Cookie: doorward=1', 'set-cookie: __SECURE-Doorward=', 'Set-Cookie: doorwards=1'],
      ['Set-Cookie: doorwards=1'],
    ],
    [
      'no cookie that a browser would send back as ours',
      [
        'Set-Cookie: =doorward=x; Path=/',
        'Set-Cookie: ==doorward=x',
        'Set-Cookie: \t= \tdoorward =x',
        'Set-Cookie: =doorward',
        'Set-Cookie: doorward',
        'Set-Cookie: doorward; Max-Age=0',
        'Set-Cookie: \tdoorward\t=x',
        'Set-Cookie: DoorWard=x',
        'Set-Cookie: __Host-doorward=x',
        'Set-Cookie: __host-http-DOORWARD=x',
        'Set-Cookie: =__Secure-doorward=x',
        'Set-Cookie: "doorward"=x',
        'Set-Cookie: =doorwards=1',
        'Set-Cookie: a==doorward=x',
      ],
      ['Set-Cookie: =doorwards=1', 'Set-Cookie: a==doorward=x'],
    ],
    ['a Trailer where chunks follow', ['Trailer: X-A'], ['Trailer: X-A']],
    ['no Trailer beside a length', ['Trailer: X-A', 'Content-Length: 1'], ['Content-Length: 1']],
  ])('%s', (_, sent, expected) => {
    expect(passing(sent)).toEqual(expected);
  });

  it('no length with 204 and 103, but with 304', () => {
    expect(passing(['Content-Length: 1'], 204, true)).toEqual([]);
    expect(passing(['Content-Length: 1'], 103, true)).toEqual([]);
    expect(passing(['Content-Length: 1'], 304, true)).toEqual(['Content-Length: 1']);
  });

  it('no reason that could not be written', () => {
    expect(answerHead(200, 'caf\xe9', [], OWN, false).reason).toBe('caf\xe9');
    expect(answerHead(200, 'a\r\nb', [], OWN, false).reason).toBe('');
    expect(answerHead(200, '\u2713', [], OWN, false).reason).toBe('');
  });
});

it('raw fields are read byte by byte', () => {
  expect(latin1Fields([Buffer.from([0xe9]), 'x'])).toEqual(['\xe9', 'x']);
  expect(latin1Fields(undefined)).toEqual([]);
});
