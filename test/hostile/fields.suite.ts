/**
 * Header fields through each mode: a field reserved for a proxy or Doorward never reaches an app
 * from a client, and the ticket reaches no app. Tests check what the app receives.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { HOP_BY_HOP, removedFields, SET_FIELDS } from '../../src/core/access/request-fields.ts';
import { sendRaw, statuses } from '../support/raw.ts';
import { startWorld, type World } from './fixture.ts';
import { isAway, type Mode } from './modes.ts';
import { valuesOf } from './probes.ts';

/** Refused beside another dialect's own, or removed. In both cases, no reader follows them. */
const OF_OTHER_DIALECTS = new Set([
  'X-Forwarded-Uri',
  'X-Forwarded-Method',
  'X-Original-URL',
  'X-Original-Method',
  'X-Auth-Request-Redirect',
  'X-Envoy-Original-Path',
  'X-Envoy-Original-Host',
]);

/** Not to be sent with a request without a body, or about the connection itself. */
const OF_FRAMING = new Set(['Connection', 'Transfer-Encoding', 'Upgrade']);

const identity = ['Remote-User', 'Remote-Groups', 'Remote-Name', 'Remote-Email'];

/** Registers the tests for one mode. */
export function hostileFields(mode: Mode): void {
  describe.skipIf(isAway(mode))(`through ${mode.name}`, () => {
    let world: World;
    beforeAll(async () => {
      const front = mode.front === null ? {} : { front: mode.front };
      world = await startWorld({ trusted: mode.front !== null, ...front });
      await world.cookieOf('alice');
    });
    afterAll(() => world?.close());
    beforeEach(() => void (world.app.seen.length = 0));

    /**
     * Sends one request as bytes, on a connection that closes after it unless its headers say
     * otherwise.
     */
    const ask = (target: string, host: string, lines: readonly string[]): Promise<string> => {
      const isOpen = lines.some((line) => /^connection:/i.test(line));
      const all = [`GET ${target} HTTP/1.1`, `Host: ${host}`, ...lines];
      return sendRaw(
        world.port,
        [...all, ...(isOpen ? [] : ['Connection: close']), '', ''].join('\r\n'),
      );
    };
    const cookie = async (user: string): Promise<string> => `Cookie: ${await world.cookieOf(user)}`;

    describe('header fields', () => {
      const names = [
        ...removedFields([]),
        ...SET_FIELDS,
        ...HOP_BY_HOP.filter((name) => !OF_FRAMING.has(name)),
        ...identity,
      ].filter((name) => !OF_OTHER_DIALECTS.has(name));

      it.each([
        ['signed in', 'alice', '/app/x'],
        ['on a public path', null, '/public/x'],
      ])('%s: reserved for a proxy, and not accepted from a client', async (_, user, path) => {
        const own = user === null ? [] : [await cookie(user)];
        for (let at = 0; at < names.length; at += 20) {
          const some = names.slice(at, at + 20).map((name) => `${name}: evil-${name}`);
          const raw = await ask(path, 'app.gw.test', [...own, ...some]);
          expect(statuses(raw), raw).toEqual([200]);
        }
        expect(world.app.seen).toHaveLength(Math.ceil(names.length / 20));
        for (const { rawHeaders } of world.app.seen) {
          expect(rawHeaders.filter((text) => text.includes('evil-'))).toEqual([]);
          expect(valuesOf(rawHeaders, 'X-Real-IP')).toEqual(['127.0.0.1']);
          expect(valuesOf(rawHeaders, 'X-Forwarded-For')).toEqual(['127.0.0.1']);
          expect(valuesOf(rawHeaders, 'X-Forwarded-Proto')).toEqual(['http']);
          expect(valuesOf(rawHeaders, 'X-Request-Id')).toHaveLength(1);
        }
      });

      it.each([...OF_OTHER_DIALECTS])(
        '%s are read by neither the check nor the app',
        async (name) => {
          await ask('/public/x', 'app.gw.test', [`${name}: evil`]);
          const raw = await ask('/admin/secret', 'app.gw.test', [`${name}: /public/x`]);
          expect(
            statuses(raw).every((code) => code >= 300 && code < 500),
            raw,
          ).toBe(true);
          for (const { target, rawHeaders } of world.app.seen) {
            expect(target).toBe('/public/x');
            expect(rawHeaders).not.toContain('evil');
          }
        },
      );

      it.each("!#$%&'*+.^_`|~".split(''))(
        'cannot pass for one of ours with %s in the name',
        async (sign) => {
          await ask('/public/x', 'app.gw.test', [
            `Remote${sign}User: evil`,
            `Remote${sign}Groups: evil`,
          ]);
          await ask('/public/x', 'app.gw.test', [`X${sign}Forwarded${sign}For: evil`]);
          for (const { rawHeaders } of world.app.seen) expect(rawHeaders).not.toContain('evil');
        },
      );

      it.each(['%s', '%s ', 'a=1; %s', '%s; b=2', ' %s ;b=2', 'a=1;%s;b=2'])(
        'do not forward the ticket in Cookie: %s',
        async (form) => {
          const pair = await world.cookieOf('alice');
          for (const one of [pair, pair.replace('=', ' ='), pair.replace('=', '\t= ')]) {
            await ask('/public/x', 'app.gw.test', [`Cookie: ${form.replace('%s', one)}`]);
          }
          expect(world.app.seen).toHaveLength(3);
          for (const { rawHeaders } of world.app.seen) {
            const cookies = valuesOf(rawHeaders, 'Cookie').join(';');
            expect(cookies).not.toContain('doorward');
            expect(cookies.replaceAll(/[\s;]+/g, '')).toBe(form.replaceAll(/%s|[\s;]+/g, ''));
          }
        },
      );
    });
  });
}
