/**
 * Every parser of client input takes linear time. One table lists them, each with its longest input
 * and the characters that matter to it. linear-regexes.test.ts finds regular expressions by itself.
 */
import { tokenIdOf } from '../../src/core/people/token.ts';
import {
  MAX_AUTHORIZATION,
  readAuthorization,
  schemeOf,
  secretOf,
} from '../../src/core/proof/authorization.ts';
import { describe, expect, it } from 'vitest';
import { canonicalPattern, refusePath, strictPath } from '../../src/core/request/path.ts';
import { foldReading, MAX_READ, readingsOf } from '../../src/core/request/readings.ts';
import { parseAddress } from '../../src/core/request/address.ts';
import { pathTree } from '../../src/core/routes/path-tree.ts';
import { destinationOf } from '../../src/core/routes/transfer.ts';
import { addressBlock } from '../../src/core/request/address-block.ts';
import { browserName } from '../../src/core/people/browser-name.ts';
import type { Inbound } from '../../src/core/request/dialect.ts';
import { MAX_TARGET, readFacts } from '../../src/core/request/facts.ts';
import { canonicalHost } from '../../src/core/request/host.ts';
import { foldHeader, reservedNames } from '../../src/core/access/identity.ts';
import { isAddress, languageOf } from '../../src/core/flow/mail.ts';
import { typedCode } from '../../src/core/proof/mailed-code.ts';
import { nfkc } from '../../src/core/values/normal-form.ts';
import { folded } from '../../src/core/proof/own-words.ts';
import { recoveryCodeName } from '../../src/core/proof/recovery-code.ts';
import { checkReturnTo, MAX_RETURN_TO } from '../../src/core/access/return-to.ts';
import { traceIdOf } from '../../src/core/request/trace.ts';
import { foldName } from '../../src/core/people/user.ts';
import { caddy } from '../../src/dialects/caddy/dialect.ts';
import { direct } from '../../src/dialects/direct/dialect.ts';
import { nginx } from '../../src/dialects/nginx/dialect.ts';
import { isCircle } from '../../src/flow/browser/circles.ts';
import {
  readBrowserCookie,
  readEndedCookie,
  readTicketCookie,
} from '../../src/flow/browser/cookies.ts';
import type { Run } from '../../src/flow/run/run.ts';
import { openSeed } from '../../src/flow/browser/seed.ts';
import { keptUsername } from '../../src/flow/browser/username.ts';
import { findCookie, stripCookies } from '../../src/core/request/cookie.ts';
import { addListed, fateInResponse, fateOf } from '../../src/gate/proxy/hop-by-hop.ts';
import { requestHeaders } from '../../src/gate/proxy/request-headers.ts';
import { createRequestIds } from '../../src/gate/request/request-id.ts';
import { refuseFraming } from '../../src/http/framing.ts';
import { negotiate } from '../../src/pages/words/language.ts';
import { clipped, escapeUnseen } from '../../src/sinks/log/line.ts';
import { certificateIn } from '../../src/certificates/field.ts';
import { createTickets } from '../../src/tickets/iron.ts';
import { createVault } from '../../src/tickets/vault.ts';
import { fakeRandom } from '../support/fakes.ts';
import { type Parser, slowInputs } from '../support/growth.ts';
import { testFacts, testIdentity, testSnapshot } from '../support/snapshot.ts';
import { ADDRESS_PARSERS } from './address-parsers.ts';
import { FORM_PARSERS } from './form-parsers.ts';
import { LDAP_PARSERS } from './ldap-parsers.ts';
import { RESPONSE_PARSERS } from './response-parsers.ts';

/** Node refuses more header bytes than this (431). */
const HEADERS = 32 * 1024;
const SECRET = 'Zk3v9TqLx0bN8rYw2HdUeC5sJmPg7AoVfI4XtKlQ';

const snapshot = testSnapshot();
const identity = reservedNames([testIdentity()]);
const vault = createVault([SECRET]);
const tickets = createTickets([SECRET]);
const requestIds = createRequestIds(fakeRandom());
const everyone = (): boolean => true;

const facts = (target: string) =>
  readFacts({
    method: 'GET',
    scheme: 'https',
    authority: 'wiki.example.com',
    target,
    clientIp: '192.0.2.7',
    header: () => null,
  });

const starred = pathTree(
  ['/*ab*ab*ab*c', '/a*a*a*a*a*b', '/*%C3%A9*%C3%A9b/*', '/*b*'],
  (one) => one,
);

/** What a trusted proxy forwards. */
function inbound(fields: Readonly<Record<string, string>>, target = '/'): Inbound {
  return {
    method: 'GET',
    target,
    rawHeaders: Object.entries(fields).flat(),
    header: (name) => fields[name] ?? null,
    scheme: 'https',
    peer: '127.0.0.1',
    trusted: true,
    isTrusted: everyone,
    forwardedFor: '192.0.2.7',
  };
}

const crossing = (fields: readonly string[]) =>
  requestHeaders({
    inbound: { rawHeaders: fields, peer: '127.0.0.1', trusted: true, isTrusted: everyone },
    facts: testFacts(),
    identity,
    messages: null,
    user: null,
    authorization: null,
    claims: [],
    cookies: ['doorward', '__Secure-doorward'],
    preserveHost: true,
    requestId: 'id',
  });

const run = (cookie: string) =>
  ({ snapshot, flow: { name: 'login' }, facts: testFacts({}, { cookie }), now: 0 }) as Run;

const MARKS = ['\u0301', '\u0316', '\u3099', '\uFF9E', 'a', '\uFDFA', '\u1100', '\u200B'];
const COOKIE_PIECES = ['doorward', '__Secure-doorward', '=', ';', ' ', '\t', 'a', 'doorward=x;'];

const PARSERS: Readonly<Record<string, Parser>> = {
  'DOS-dots: the path of a request': {
    longest: MAX_TARGET,
    pieces: ['.', '%2E', '%20', '/', '%EF%BC%8E', '%E2%80%8B', '%3F', '%CC%81', '%CC%96', '%61'],
    frames: [
      ['/A', 'x'],
      ['/%EF%BC%A1', '%3F'],
    ],
    read: facts,
  },
  'DOS-dots: a path alone': {
    longest: MAX_TARGET,
    pieces: ['.', '. ', '%20', '%252', '%', 'A'],
    frames: [['/A', 'x']],
    read: (text) => [
      refusePath(text),
      strictPath(text.replaceAll('%', '%25')),
      canonicalPattern(text.replaceAll('%', '%25')),
      foldReading(text.replaceAll('%', '%25')),
    ],
  },
  'the readings of a path': {
    longest: MAX_READ,
    pieces: ['/.', '%20.', '%E9~1', '%25ff\\', '+%252f', '/(S(x))'],
    frames: [['/A', 'x']],
    read: (text) => readingsOf(text),
  },
  'a destination of COPY and MOVE': {
    longest: HEADERS,
    pieces: ['/', 'a', '.', ':', '%41', '?', 'http://'],
    frames: [
      ['http://a', ' '],
      ['/', '#'],
    ],
    read: (text) => destinationOf(text),
  },
  'a segment of a path, against patterns with *': {
    longest: MAX_TARGET,
    pieces: ['a', 'ab', 'b', '%61', '%C3%A9', '*'],
    frames: [
      ['/', ''],
      ['/a', '/'],
    ],
    read: (text) => starred.findAny(text, { accepts: everyone, isForSome: () => false }),
  },
  'an Authorization field': {
    longest: MAX_AUTHORIZATION,
    pieces: ['Basic ', 'bearer ', ' ', 'a', '=', 'YTph', '+/', 'dwt_'],
    frames: [
      ['Basic ', ''],
      ['Bearer ', ''],
      ['Basic ', '='],
    ],
    read: (text) => {
      const credentials = readAuthorization(text);
      if (credentials === null) return schemeOf(text);
      return tokenIdOf(secretOf(credentials));
    },
  },
  'the query of a request': {
    longest: MAX_TARGET,
    pieces: ['?', '&', '=', '%', 'a', '"'],
    frames: [['/?', '']],
    read: facts,
  },
  'a host': {
    longest: HEADERS,
    pieces: ['a', '-', '.', '_', ':', '1', '[', 'a.'],
    frames: [
      ['', ''],
      ['a', '!'],
    ],
    read: (text) => canonicalHost(text, 'https'),
  },
  'a host of the maximum length': {
    longest: 260,
    pieces: ['a', '-', '.', '_', ':', '1', 'a.', 'a-'],
    frames: [['a', '!']],
    read: (text) => canonicalHost(text, 'https'),
  },
  'a return-to': {
    longest: MAX_RETURN_TO,
    pieces: ['/', '.', '?', '%', 'a', '@', ':', '../'],
    frames: [
      ['https://wiki.example.com/', ''],
      ['https://', '\\'],
    ],
    read: (text) => checkReturnTo(text, snapshot.site, snapshot.table),
  },
  'the original URL from nginx': {
    longest: HEADERS,
    pieces: ['/', 'a', '?', '@', '#', '\\', '.'],
    frames: [
      ['https://', ''],
      ['https://a/', '\n'],
    ],
    read: (text) => nginx.read(inbound({ 'x-original-url': text, 'x-original-method': 'GET' })),
  },
  'the original request from Caddy and Traefik': {
    longest: HEADERS,
    pieces: ['/', 'a', ',', ' ', '-'],
    read: (text) =>
      caddy.read(
        inbound({
          'x-forwarded-method': text,
          'x-forwarded-proto': text,
          'x-forwarded-host': text,
          'x-forwarded-uri': text,
        }),
      ),
  },
  'an absolute-form target': {
    longest: HEADERS,
    pieces: ['/', 'a', '?', '@', ':'],
    frames: [['http://', '']],
    read: (text) => direct.read(inbound({ host: 'a' }, text)),
  },
  ...ADDRESS_PARSERS,
  ...FORM_PARSERS,
  ...RESPONSE_PARSERS,
  ...LDAP_PARSERS,
  'X-Forwarded-For on its way to an app': {
    longest: HEADERS,
    pieces: ['10.0.0.1,', '10.0.0.1:1,', ',', ' ', '::1,'],
    read: (text) => crossing(['X-Forwarded-For', text]),
  },
  'TE on its way to an app': {
    longest: HEADERS,
    pieces: [',', ' ', '\t', 'trailers', ', trailers ', ';q=1'],
    read: (text) => crossing(['TE', text]),
  },
  'Connection on its way to an app': {
    longest: HEADERS,
    pieces: [',', ' ', 'close', 'x,', 'x-a ,'],
    read: (text) => [crossing(['Connection', text]), addListed(null, text)],
  },
  'Cookie on its way to an app': {
    longest: HEADERS,
    pieces: COOKIE_PIECES,
    read: (text) => [crossing(['Cookie', text]), stripCookies(text, ['doorward'])],
  },
  'the name of a header field': {
    longest: HEADERS,
    pieces: ['_', '-', '.', 'http', 'http_', 'X', '!'],
    read: (text) => [foldHeader(text), fateOf(identity, text), fateInResponse(text)],
  },
  'the framing of a request': {
    longest: HEADERS,
    pieces: ['1', '0', ',', ' ', 'chunked,'],
    read: (text) => {
      const rawHeaders = ['Host', 'a', 'Content-Length', text];
      return refuseFraming({ httpVersionMajor: 1, httpVersionMinor: 1, rawHeaders } as never);
    },
  },
  'a session cookie': {
    longest: HEADERS,
    pieces: COOKIE_PIECES,
    read: (text) => [findCookie(text, 'doorward'), findCookie(text, '__Secure-doorward')],
  },
  'cookies of flows': {
    longest: HEADERS,
    pieces: [...COOKIE_PIECES, '__Host-doorward-browser=', '__Host-doorward-ended=', '~'],
    read: (text) => [
      readBrowserCookie(snapshot, text),
      readTicketCookie(snapshot, text),
      readEndedCookie(snapshot, text),
    ],
  },
  'the flows that a browser has completed': {
    longest: 16_000,
    pieces: ['~', '.', 'a', 'aaaaaaaaaaaaaaaaaaaaaa.1.~', '1'],
    frames: [['__Host-doorward-ended=', '']],
    read: (text) => isCircle(run(text), null),
  },
  'the username that a browser stores': {
    longest: 16_000,
    pieces: ['a', '-', '=', '%'],
    frames: [['__Host-doorward-username=', '']],
    read: (text) => keptUsername(vault, snapshot, text, 0),
  },
  'a sealed ticket': {
    longest: 1024,
    pieces: ['*', 'a', 'Fe26.2*', '=', '-'],
    frames: [
      ['', ''],
      ['Fe26.2*', ''],
    ],
    read: (text) => tickets.open(text),
  },
  'a sealed plan in a form': {
    longest: 16_384,
    pieces: ['a', '-', '_', '='],
    read: (text) => openSeed(vault, { secret: 'x', name: 'y' }, text),
  },
  'Accept-Language': {
    longest: HEADERS,
    pieces: [',', ';', ' ', 'en', '-', 'q='],
    frames: [
      ['', ''],
      ['en', '!'],
    ],
    read: (text) => [negotiate(text, ['en', 'de']), languageOf({ header: () => text })],
  },
  'User-Agent': {
    longest: HEADERS,
    pieces: ['Chrome', '/', 'E', 'Ed', ' ', '('],
    read: browserName,
  },
  traceparent: {
    longest: HEADERS,
    pieces: ['0', '-', '00-', 'a'],
    read: traceIdOf,
  },
  'X-Request-Id': {
    longest: HEADERS,
    pieces: ['a', '-', '.', ' '],
    read: (text) => requestIds(text, { trusted: true }),
  },
  'a submitted username': {
    longest: 254,
    pieces: [...MARKS, ' ', '@', '.'],
    read: (text) => [foldName(text), folded(text), isAddress(text), isAddress(`a@${text}`)],
  },
  'a submitted code': {
    longest: 1024,
    pieces: [...MARKS, ' ', '-', 'O', '0'],
    read: (text) => [typedCode(text), recoveryCodeName(vault, 'fake/ann', text)],
  },
  'any text before comparison': { longest: 64 * 1024, pieces: MARKS, read: nfkc },
  'an address': {
    longest: HEADERS,
    pieces: ['1', ':', '.', '::', 'f', '0'],
    frames: [
      ['', ''],
      ['::ffff:', ''],
    ],
    read: (text) => [parseAddress(text), addressBlock(text)],
  },
  'a certificate in a header': {
    longest: 16_384,
    pieces: ['-', 'a', '"', ';', ',', '=', '%20', '\\', ':', '-----BEGIN CERTIFICATE-----'],
    frames: [
      ['', ''],
      ['Cert=', '"'],
      [':', ':'],
      ['-----BEGIN CERTIFICATE-----', '-----END CERTIFICATE-----'],
    ],
    read: certificateIn,
  },
  'a log value': {
    longest: MAX_TARGET,
    pieces: ['"', '\\', '\u202E', '\n', 'a', '\u0301'],
    read: (text) => [clipped(text), escapeUnseen(JSON.stringify(text))],
  },
};

describe('the measurement', () => {
  it.each([
    ['a trailing run by a regular expression', (text: string) => text.replace(/[. ]+$/, '')],
    ['a loop within a loop', (text: string) => Array.from(text, (c) => text.lastIndexOf(`${c}!`))],
    ['a text normalized by the JavaScript engine alone', (text: string) => text.normalize('NFKC')],
  ])('detects %s', { timeout: 300_000 }, async (_, read) => {
    const parser: Parser = {
      longest: MAX_TARGET,
      pieces: ['.', 'x', '\u0301', '\u0316'],
      frames: [['A', 'x']],
      read,
    };
    const slow = await slowInputs(parser, 1);
    expect(slow).not.toEqual([]);
  });
});

describe('linear time is enough to parse', () => {
  it.each(Object.entries(PARSERS))('%s', { timeout: 300_000 }, async (_, parser) => {
    expect(await slowInputs(parser)).toEqual([]);
  });
});
