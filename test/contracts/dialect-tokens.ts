/** The part of the contract of dialects that concerns routes which accept tokens. */
import { describe, expect, it } from 'vitest';
import type { Dialect } from '../../src/core/request/dialect.ts';
import { COOKIE, type Heard, type Pairs, type testGate } from '../support/gate.ts';
import { testSnapshot } from '../support/snapshot.ts';
import { basic, withId } from '../support/tokens.ts';
import type { CheckRequest, DialectExamples, Original } from './dialects.suite.ts';

/** Of a proxy that passes no reply on, to get one for its client. */
const WHOLE = { rest: '?answer=whole' };

type Gate = Awaited<ReturnType<typeof testGate>>;

/** A dialect, and how its checks are made and sent. */
interface Asking {
  readonly dialect: Dialect;
  readonly examples: DialectExamples;
  readonly gate: (routes: ReturnType<typeof testSnapshot>) => Promise<Gate>;
  readonly checkOf: (changes: Partial<Original>, more?: Pairs) => CheckRequest;
  readonly send: (opened: Gate, check: CheckRequest) => Promise<Heard>;
}

/** Registers this part. */
export function tokensContract({ dialect, examples, gate, checkOf, send }: Asking): void {
  describe('on a route that accepts tokens', () => {
    const tokens = testSnapshot({
      routes: [
        {
          id: 'wiki',
          accepts: {
            session: true,
            basic: true,
            passwords: false,
            bearer: true,
            certificate: false,
          },
          paths: {
            '/public/**': 'public',
            '/basic/**': {
              session: true,
              basic: true,
              passwords: false,
              bearer: false,
              certificate: false,
            },
          },
        },
      ],
    });
    /** Of the request, what the app receives of its Authorization field. */
    const received = async (
      sent: (token: string) => string,
      more: Pairs = [],
      target = '/a',
    ): Promise<readonly [number, string | null]> => {
      const opened = await gate(tokens);
      const field = sent(opened.token);
      const pairs: Pairs = [['Authorization', field], ...more];
      const { status, headers } = await send(opened, checkOf({ target }, pairs));
      expect(status === 200 && headers['remote-user']).toBe(
        status !== 200 ? false : target === '/public/x' ? '' : 'ann',
      );
      return [status, examples.authorization(headers, field)];
    };
    const cookie: Pairs = [['Cookie', COOKIE]];

    it('allows a token by itself and as a password, and keeps it from the app', async () => {
      expect(await received((token) => `Bearer ${token}`)).toEqual([200, null]);
      expect(await received((token) => basic('ann', token))).toEqual([200, null]);
    });

    it('keeps a token from the app that is sent beside a session, or is not needed', async () => {
      expect(await received((token) => `Bearer ${token}`, cookie)).toEqual([200, null]);
      const unknown = withId(`dwt_${'a'.repeat(40)}`, 'unknown');
      expect(await received(() => `Bearer ${unknown}`, [], '/public/x')).toEqual([200, null]);
      expect(await received(() => `Bearer dwt_mistyped`, [], '/public/x')).toEqual([200, null]);
    });

    it('passes on what an app has of its own, in a scheme that the path does not accept', async () => {
      const own = 'Bearer of-the-app';
      expect(await received(() => own, cookie, '/basic/x')).toEqual([200, own]);
      expect(await received(() => own, cookie)).toEqual([200, null]);
      const login = basic('ann', 'password of the app');
      expect(await received(() => login, cookie)).toEqual([200, null]);
      expect(await received(() => 'Digest x', cookie)).toEqual([200, 'Digest x']);
      expect(await received(() => 'Bearer of the app', cookie)).toEqual([200, null]);
    });

    it('asks a program without a credential for one, and tells it that one is wrong', async () => {
      const opened = await gate(tokens);
      const challenges = async (pairs: Pairs) => {
        // What the client sees, also of a proxy that asks again for it.
        const check = { ...checkOf({}, pairs), ...(dialect.passesWhole ? {} : WHOLE) };
        const { status, headers } = await send(opened, check);
        return [status, headers['www-authenticate']];
      };
      const malformed: Pairs = [['Authorization', 'Bearer of the app']];
      if (dialect.name === 'ingress-nginx') {
        // The controller takes every other status for a fault of its own.
        expect((await send(opened, checkOf({}, malformed))).status).toBe(403);
        return;
      }
      const [BASIC, BEARER] = [
        'Basic realm="wiki.example.com", charset="UTF-8"',
        'Bearer realm="wiki.example.com"',
      ];
      expect(await challenges([])).toEqual([401, `${BASIC}|${BEARER}`]);
      const wrong = [401, `${BASIC}|${BEARER}, error="invalid_token"`];
      expect(await challenges([['Authorization', 'Bearer dwt_mistyped']])).toEqual(wrong);
      expect(await challenges(malformed)).toEqual([400, `${BEARER}, error="invalid_request"`]);
      // No browser opens its own dialog.
      expect(await challenges([['Sec-Fetch-Mode', 'cors']])).toEqual([401, BEARER]);
    });
  });
}
