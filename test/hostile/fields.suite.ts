/**
 * Header fields through each mode: a field reserved for a proxy or Doorward never reaches an app
 * from a client, and the ticket reaches no app. Tests check what the app receives.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { namesOf } from '../../src/core/access/identity.ts';
import { IDENTITY_PRESETS, type PresetName } from '../../src/core/access/identity-presets.ts';
import {
  addressFields,
  HOP_BY_HOP,
  removedFields,
  SET_FIELDS,
} from '../../src/core/access/request-fields.ts';
import { sendRaw, statuses } from '../support/raw.ts';
import { presetIdentity } from '../support/snapshot.ts';
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

/**
 * ingress-nginx passes a client's id on, and its addresses as X-Original-Forwarded-For. Doorward
 * refuses a host that contradicts X-Original-URL.
 */
const OF_INGRESS = new Set(['X-Request-Id', 'X-Forwarded-For', 'X-Forwarded-Host']);

/** Not to be sent with a request without a body, or about the connection itself. */
const OF_FRAMING = new Set(['Connection', 'Transfer-Encoding', 'Upgrade']);

/**
 * Names the client behind a trusted proxy. The files remove headers with its prefix, so apps and
 * checks have it only if they set it afterwards. Traefik, ingress-nginx and Envoy Gateway set no
 * other than X-Real-IP.
 */
const clientFieldOf = ({ front }: Mode): string | null => {
  if (front === null) return null;
  const isFixed = ['traefik', 'ingress-nginx', 'gateway-api'].includes(front.generator);
  return isFixed ? 'X-Real-IP' : 'CF-Connecting-IP';
};

const identity = ['Remote-User', 'Remote-Groups', 'Remote-Name', 'Remote-Email'];

/** All presets that have no header in common. */
const PRESETS = (Object.keys(IDENTITY_PRESETS) as PresetName[]).filter(
  (name) => name !== 'x_forwarded_user',
);

/** Other ways to write a name that some server reads as that name. */
const DISGUISES: readonly ((name: string) => string)[] = [
  (name) => name,
  (name) => name.toLowerCase(),
  (name) => name.toUpperCase(),
  (name) => name.replaceAll('-', '_'),
  (name) => name.replaceAll('-', '.'),
  (name) => name.replaceAll('-', '!'),
  (name) => name.replace('-', '_'),
  (name) => `HTTP_${name.replaceAll('-', '_').toUpperCase()}`,
  (name) => `Http-${name}`,
  (name) => name.replaceAll('-', ''),
];

/** Registers the tests for one mode. */
export function hostileFields(mode: Mode): void {
  const isIngress = mode.front?.generator === 'ingress-nginx';
  describe.skipIf(isAway(mode))(`through ${mode.name}`, () => {
    const clientField = clientFieldOf(mode);
    let world: World;
    beforeAll(async () => {
      const front = mode.front === null ? {} : { front: mode.front };
      const named = clientField === null ? '' : `client_address: { header: ${clientField} }`;
      world = await startWorld({
        trusted: mode.front !== null,
        ...front,
        extra: `throttle: { free: 1000 }\n${named}`,
        routes: (app) => [
          `{ id: presets, host: presets.gw.test, upstream: "${app.origin}", identity: { preset: [${PRESETS.join(', ')}] }, paths: [{ path: /public/**, public: true }] }`,
        ],
      });
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
      ]
        .filter((name) => !OF_OTHER_DIALECTS.has(name))
        .filter((name) => !isIngress || !OF_INGRESS.has(name));

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
          for (const name of addressFields(clientField)) {
            expect(valuesOf(rawHeaders, name)).toEqual(['127.0.0.1']);
          }
          expect(valuesOf(rawHeaders, 'X-Forwarded-For')).toEqual(['127.0.0.1']);
          expect(valuesOf(rawHeaders, 'X-Forwarded-Proto')).toEqual(['http']);
          expect(valuesOf(rawHeaders, 'X-Request-Id')).toHaveLength(1);
        }
      });

      it.each(PRESETS)(
        'of the preset %s reach no app from a client, however they are spelled',
        async (preset) => {
          const own = await cookie('alice');
          const ofPreset = namesOf(presetIdentity(preset));
          for (const host of ['app.gw.test', 'presets.gw.test']) {
            for (const disguise of DISGUISES) {
              const lines = ofPreset.map((name) => `${disguise(name)}: evil`);
              await ask('/public/x', host, lines);
              await ask('/x', host, [own, ...lines]);
              await ask('/x', host, [own, `Connection: close, ${ofPreset.join(', ')}`]);
            }
          }
          expect(world.app.seen.length).toBeGreaterThan(0);
          for (const { rawHeaders } of world.app.seen) expect(rawHeaders).not.toContain('evil');
        },
      );

      it('are those of the route, and of no other', async () => {
        const own = await cookie('alice');
        await ask('/x', 'presets.gw.test', [own]);
        await ask('/public/x', 'presets.gw.test', []);
        await ask('/app/x', 'app.gw.test', [own]);
        const [presets, anonymous, app] = world.app.seen.map(
          ({ rawHeaders }) =>
            (name: string) =>
              valuesOf(rawHeaders, name).join(),
        );
        for (const name of [
          'Remote-User',
          'X-authentik-username',
          'X-WEBAUTH-USER',
          'X-Forwarded-User',
        ]) {
          expect([name, presets?.(name), anonymous?.(name)]).toEqual([name, 'alice', '']);
          expect([name, app?.(name)]).toEqual([name, name === 'Remote-User' ? 'alice' : '']);
        }
        for (const name of [
          'X-authentik-jwt',
          'Cf-Access-Jwt-Assertion',
          'X-Pomerium-Jwt-Assertion',
        ]) {
          expect(presets?.(name)).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
          expect([anonymous?.(name), app?.(name)]).toEqual(['', '']);
        }
      });

      it.each([...OF_OTHER_DIALECTS])(
        '%s are read by neither the check nor the app',
        async (name) => {
          await ask('/public/x', 'app.gw.test', [`${name}: evil`]);
          const raw = await ask('/admin/secret', 'app.gw.test', [`${name}: /public/x`]);
          expect(
            statuses(raw).every((code) => code >= 300 && code < (isIngress ? 501 : 500)),
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

      it('do not forward the other cookies of ours, all of them in one request', async () => {
        const others = ['portal', 'handover', 'browser', 'device', 'ended', 'username'];
        const ours = others.map((name) => `doorward-${name}=x`);
        const pairs = [
          'a=1',
          ...ours.slice(0, 3),
          await world.cookieOf('alice'),
          'b=2',
          ...ours.slice(3),
        ];
        await ask('/public/x', 'app.gw.test', [`Cookie: ${pairs.join('; ')}`]);
        const cookies = world.app.seen.flatMap(({ rawHeaders }) => valuesOf(rawHeaders, 'Cookie'));
        expect(
          cookies
            .join(';')
            .replaceAll(/[\s;]+/g, ';')
            .replace(/;$/, ''),
        ).toBe('a=1;b=2');
      });
    });
  });
}
