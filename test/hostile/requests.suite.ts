/**
 * Every one-request probe, as raw bytes, through each mode: tests check both what the client
 * receives and what reaches which app. The id of each probe is the name of its test.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client } from '../support/client.ts';
import { PASSWORD } from '../support/gateway.ts';
import { answersOf, type RawAnswer, type RawEnd, sendRaw } from '../support/raw.ts';
import { type EchoApp, startWorld, type World } from './fixture.ts';
import { isAway, type Mode } from './modes.ts';
import { bytesOf, fill, type RequestProbe, requestProbes, valuesOf } from './probes.ts';

const isRefusal = (code: number): boolean => code >= 300 && code < 500;

/** Caddy's own reply to a host that none of its sites has: empty, without a request to an app. */
const isOfNoSite = ({ status, head, body }: RawAnswer): boolean =>
  status === 200 && body === '' && /^server: caddy\r?$/im.test(head);

/**
 * What nginx and Caddy reply where Doorward would reply 400: the fault is the client's, not the
 * app's.
 */
const CLIENT_FAULTS = [502, 505];

/** ingress-nginx turns every other status of a check than 401 and 403 into 500. */
const faultsOf = ({ front }: Mode): readonly number[] =>
  front?.generator === 'ingress-nginx' ? [500] : [];

function of(...classes: string[]): RequestProbe[] {
  return requestProbes.filter((probe) => classes.includes(probe.class));
}

/** Registers the tests for one mode. */
export function hostileRequests(mode: Mode): void {
  describe.skipIf(isAway(mode))(`through ${mode.name}`, () => {
    let world: World;
    const tally = { sent: 0, refused: 0, app: 0, admin: 0 };
    beforeAll(async () => {
      world = await startWorld(
        mode.front === null ? { trusted: false } : { trusted: true, front: mode.front },
      );
    });
    afterAll(async () => {
      await world?.close();
      const { sent, refused, app, admin } = tally;
      console.log(
        `hostile requests, ${mode.name}: ${sent} sent, ${refused} refused, ${app} reached app, ${admin} reached admin`,
      );
    });

    /**
     * The app's host as an app receives it: each block of a proxy writes its own name, with its
     * port.
     */
    const authority = (): string =>
      mode.front === null ? 'app.gw.test' : `app.gw.test:${world.port}`;

    /**
     * The chunk of this probe is longer than what follows, so a proxy that reads chunks waits for the
     * rest. There is none: once the app has the request, the client closes its side.
     */
    const endOf = ({ id }: RequestProbe): RawEnd =>
      id === 'SMUG-te-cl' ? { sent: world.app.next() } : {};

    /** Sends a probe; returns the reply's bytes and what the apps received. */
    async function run(probe: RequestProbe) {
      const bytes = await fill(bytesOf(probe), world.cookieOf);
      world.app.seen.length = 0;
      world.admin.seen.length = 0;
      const raw = await sendRaw(world.port, bytes, endOf(probe));
      const app = [...world.app.seen];
      const admin = [...world.admin.seen];
      tally.sent += 1;
      tally.app += app.length;
      tally.admin += admin.length;
      if (app.length + admin.length === 0) tally.refused += 1;
      // HTTP/0.9, which nginx still speaks, has no head: all bytes are the response.
      const isBare = mode.front !== null && raw !== '' && !raw.startsWith('HTTP/');
      const answers = isBare ? [{ status: 400, head: '', body: raw }] : answersOf(raw);
      return { raw, answers, codes: answers.map(({ status }) => status), app, admin };
    }

    describe('paths, hosts, methods and forwarded headers give no access', () => {
      const probes = of(
        'path-confusion',
        'host-confusion',
        'method',
        'forwarded-header-trust',
      ).filter(
        (probe) => !probe.request.target.startsWith('/.gw/') && probe.id !== 'HOST-xfh-untrusted',
      );
      it.each(probes)('$id', async (probe) => {
        const { raw, answers, app, admin } = await run(probe);
        expect(admin).toEqual([]);
        // HAProxy and Apache refuse such targets; Doorward refuses two names from ingress-nginx.
        const refuses = ['haproxy', 'apache', 'ingress-nginx'].includes(
          mode.front?.generator ?? '',
        );
        const isRead = mode.front !== null && !refuses;
        if (probe.id === 'HOST-abs-mismatch-rev' && isRead) return servedAsApp(app);
        if (answers[0]?.status === 200 && isNormalized(probe)) {
          return expect(app.map(({ target }) => target)).toEqual(['/public/admin/secret']);
        }
        const isRefused = (answer: RawAnswer): boolean =>
          isRefusal(answer.status) ||
          faultsOf(mode).includes(answer.status) ||
          (mode.front !== null && isOfNoSite(answer));
        expect(answers.every(isRefused), raw.slice(0, 300)).toBe(true);
        expect(app).toEqual([]);
        expect(raw).not.toContain('X-Upstream');
      });

      /** Envoy Gateway resolves dot segments first: the check and the app see a public path. */
      const isNormalized = ({ id }: RequestProbe): boolean =>
        mode.front?.generator === 'gateway-api' &&
        ['PATH-PUB-dblslash-dotdot', 'PATH-PUB-bad-pct'].includes(id);

      /** Traefik and Envoy Gateway forward the port as the client wrote it; their routes match the name alone. */
      const namedHost = (host: string): string =>
        ['traefik', 'gateway-api'].includes(mode.front?.generator ?? '')
          ? host.replace(/(?::\d+)?$/, `:${world.port}`)
          : host;

      /**
       * A proxy in front may use the target of absolute form, which overrides Host (RFC 9112
       * §3.2.2).
       */
      function servedAsApp(app: EchoApp['seen']): void {
        expect(app.map((seen) => seen.target)).toEqual(['/secret']);
        for (const { rawHeaders } of app) {
          for (const name of ['Host', 'X-Forwarded-Host']) {
            expect(valuesOf(rawHeaders, name).map(namedHost)).toEqual([authority()]);
          }
        }
      }

      it('HOST-xfh-untrusted: the host is the one in Host', async () => {
        const probe = requestProbes.find((p) => p.id === 'HOST-xfh-untrusted') as RequestProbe;
        const { codes, app, admin } = await run(probe);
        expect(admin).toEqual([]);
        if (faultsOf(mode).length > 0) return expect([codes, app]).toEqual([faultsOf(mode), []]);
        expect(codes).toEqual([200]);
        expect(app).toHaveLength(1);
        const told = valuesOf(app[0]?.rawHeaders ?? [], 'X-Forwarded-Host');
        expect(told.map(namedHost)).toEqual([authority()]);
      });
    });

    describe('only the gateway sets identity headers', () => {
      const OWN: Record<string, string[]> = {
        'Remote-User': ['alice'],
        'Remote-Email': ['alice@example.test'],
      };
      const LIES = ['bob', 'Bob', 'root', 'admins'];

      it.each(
        of(
          'identity-header-spoofing',
          'hop-by-hop-strip',
          'header-injection',
          'credential-leak',
        ).filter((p) => /^(IDH|HOP)-/.test(p.id) && 'request' in p),
      )('$id', async (probe) => {
        const { raw, codes, app } = await run(probe);
        expect(codes).toHaveLength(1);
        const isSignedIn = JSON.stringify(probe.request.headers).includes('{{session:');
        for (const seen of app) {
          for (const name of ['Remote-User', 'Remote-Email', 'Remote-Name', 'Remote-Groups']) {
            const values = valuesOf(seen.rawHeaders, name);
            expect(values.length).toBeLessThanOrEqual(1);
            for (const value of values) expect(LIES).not.toContain(value);
          }
          if (isSignedIn && probe.id !== 'IDH-crlf-claim') {
            for (const [name, values] of Object.entries(OWN)) {
              expect(valuesOf(seen.rawHeaders, name)).toEqual(values);
            }
          }
          expect(valuesOf(seen.rawHeaders, 'X-Injected')).toEqual([]);
          expect(valuesOf(seen.rawHeaders, 'Proxy-Connection')).toEqual([]);
          expect(seen.rawHeaders.join('\n')).not.toContain('doorward=');
        }
        // A signed-in request for an allowed page is served or refused as malformed, without a
        // fault.
        if (isSignedIn) expect([200, 400, 404], raw.slice(0, 200)).toContain(codes[0]);
        if (codes[0] === 200) expect(app).toHaveLength(1);
        if (probe.id === 'HOP-response' && mode.front === null)
          expect(raw).not.toMatch(/x-frame-options: ALLOWALL/i);
      });
    });

    describe('all parsers read the same request', () => {
      it.each(of('request-smuggling').filter((p) => p.id !== 'SMUG-pipeline-auth'))(
        '$id',
        async (probe) => {
          const { raw, answers, codes, app } = await run(probe);
          expect(app.some((seen) => seen.target.includes('smuggled'))).toBe(false);
          expect(app.length).toBeLessThanOrEqual(1);
          for (const seen of app) {
            const framings =
              valuesOf(seen.rawHeaders, 'Content-Length').length +
              valuesOf(seen.rawHeaders, 'Transfer-Encoding').length;
            expect(framings).toBeLessThanOrEqual(1);
            expect(valuesOf(seen.rawHeaders, 'HTTP2-Settings')).toEqual([]);
            expect(valuesOf(seen.rawHeaders, 'Upgrade')).toEqual([]);
          }
          // Either nothing was forwarded and the reply is a refusal, or exactly one was.
          if (app.length === 0) {
            const isFine = (answer: RawAnswer): boolean =>
              (answer.status >= 300 && answer.status < 502) ||
              (mode.front !== null &&
                (CLIENT_FAULTS.includes(answer.status) || isOfNoSite(answer)));
            expect(answers.every(isFine), raw).toBe(true);
          }
          expect(codes).not.toContain(101);
        },
      );

      it('SMUG-pipeline-auth: each request on a connection is checked by itself', async () => {
        const probe = requestProbes.find((p) => p.id === 'SMUG-pipeline-auth') as RequestProbe;
        const { codes, app } = await run(probe);
        expect(codes[0]).toBe(200);
        expect(isRefusal(codes[1] ?? 0)).toBe(true);
        expect(app.map((seen) => seen.target)).toEqual(['/app/a']);
      });
    });

    describe('cookies name one session or none', () => {
      it.each(of('cookie-parsing', 'session', 'session-fixation'))('$id', async (probe) => {
        const { raw, codes, app } = await run(probe);
        expect(codes[0], raw.slice(0, 200)).toBeLessThan(500);
        for (const seen of app) expect(valuesOf(seen.rawHeaders, 'Remote-User')).toEqual(['alice']);
      });
    });

    describe('websockets are checked before they open', () => {
      it.each(of('websocket'))('$id', async (probe) => {
        const { raw, codes, app } = await run(probe);
        if (probe.id === 'WS-lower' || probe.id === 'WS-origin') {
          expect(isRefusal(codes[0] ?? 0), raw).toBe(true);
          expect(app).toEqual([]);
        } else if (probe.id === 'WS-200') {
          expect(codes).not.toContain(101);
        } else {
          expect(codes[0]).toBe(101);
          expect(app.map((seen) => valuesOf(seen.rawHeaders, 'Remote-User'))).toEqual([['alice']]);
        }
      });
    });

    describe('redirects stay within our own origins', () => {
      const redirects = of('open-redirect').filter((probe) => probe.request.value !== undefined);

      it.each(redirects)('$id: $request.value', async (probe) => {
        const rd = encodeURIComponent(probe.request.value ?? '');
        const client = new Client();
        const first = await client.open(`${world.gateway.portal}/flow/login?rd=${rd}`);
        expect(first.status).toBeLessThan(400);
        const second = await client.submitAndFollow(first, { login: 'alice' });
        const last = await client.submit(second, { password: PASSWORD });
        expect(last.status).toBe(303);
        const to = new URL(last.location, world.gateway.portal);
        expect(to.hostname === 'gw.test' || to.hostname.endsWith('.gw.test')).toBe(true);
        expect(to.protocol).toBe('http:');
        const out = await client.open(`${world.gateway.portal}/flow/logout?rd=${rd}`);
        const left = await client.submit(out, {});
        if (left.location !== '') {
          expect(new URL(left.location).hostname.endsWith('.gw.test')).toBe(true);
        }
      });
    });

    it('runs every one-request probe', () => {
      const known = new Set([
        ...of('path-confusion', 'host-confusion', 'method', 'forwarded-header-trust'),
        ...of(
          'identity-header-spoofing',
          'hop-by-hop-strip',
          'header-injection',
          'credential-leak',
        ),
        ...of(
          'request-smuggling',
          'cookie-parsing',
          'session',
          'session-fixation',
          'websocket',
          'open-redirect',
        ),
      ]);
      expect(requestProbes.filter((probe) => !known.has(probe)).map((probe) => probe.id)).toEqual(
        [],
      );
    });
  });
}
