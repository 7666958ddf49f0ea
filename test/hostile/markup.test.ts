/**
 * Pages show text as text: no input of a visitor and no name from an operator becomes markup, a
 * script or a link.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, Client } from '../support/client.ts';
import { runCommand } from '../support/command.ts';
import { HASH, PASSWORD } from '../support/gateway.ts';
import { startWorld, type World } from './fixture.ts';

const MARKER = `<x"'>mark`;
const TAG = '<script>alert(1)</script>';
const SVG = `<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)">${TAG}</svg>`;

let folder: string;
let world: World;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'doorward-logo-'));
  writeFileSync(join(folder, 'logo.svg'), SVG);
  world = await startWorld({
    trusted: false,
    extra: `throttle: { free: 1000 }
brand: { name: 'Brand ${TAG}', logo: '${join(folder, 'logo.svg')}' }`,
    users: `users:
  alice: { displayname: 'Alice ${TAG}"', email: alice@example.test, password: "${HASH}", groups: ['${TAG}'] }
`,
    flows: {
      login: `title: 'Sign in ${TAG}'
designation: authentication
stages: [{ type: identification, by: [username] }, { type: password }, { type: user_login }]
`,
      logout: `title: 'Out ${TAG}'
designation: invalidation
stages: [{ type: user_logout }, { type: message, title: 'Bye ${TAG}', text: 'Gone [x](javascript:alert(1)) ${TAG}' }]
`,
    },
    routes: (app) => [
      `{ id: named, title: 'App ${TAG}', host: named.gw.test, upstream: "${app.origin}" }`,
      `{ id: shut, title: 'Shut ${TAG}', host: shut.gw.test, upstream: "${app.origin}", policies: [{ type: group, any: ['${TAG}-admins'] }] }`,
    ],
  });
});
afterAll(async () => {
  await world.close();
  rmSync(folder, { recursive: true });
});

/** One of our pages: escaped, with a policy that would block what was not. */
function expectClean(page: Answer, what: string): void {
  const type = page.headers['content-type'] ?? '';
  for (const raw of [MARKER, TAG, '<x', '="javascript:']) {
    // JSON and plain text are shown unescaped; only their type keeps them from being markup.
    if (type.startsWith('text/html')) expect(page.body, what).not.toContain(raw);
  }
  expect(page.headers['x-content-type-options'], what).toBe('nosniff');
  for (const value of Object.values(page.headers)) expect(value, what).not.toContain('<');
  if (!type.startsWith('text/html')) {
    expect(
      type === '' || type.startsWith('application/json') || type.startsWith('text/plain'),
      what,
    ).toBe(true);
    return;
  }
  const csp = page.headers['content-security-policy'] ?? '';
  expect(csp, what).toContain("default-src 'none'");
  expect(csp, what).toContain("frame-ancestors 'none'");
  expect(csp, what).toContain("base-uri 'none'");
  expect(csp, what).not.toMatch(/unsafe|\*|data:/);
  expect(page.body, what).not.toMatch(/<script(?![^>]*\bsrc=")|\son[a-z]+=|\sstyle=|<style/i);
}

describe('input of visitors', () => {
  it('XSS-reflect: is shown as text wherever a page repeats it', async () => {
    const { gateway } = world;
    const value = encodeURIComponent(MARKER);
    const client = new Client();
    const headers = {
      'accept-language': MARKER,
      referer: `http://x/${value}`,
      'user-agent': MARKER,
      'x-request-id': MARKER,
    };
    const urls = [
      ...['rd', 'error', 'error_description', 'state', 'notice', 'plan', 'as', 'lang', 'q'].flatMap(
        (name) => [
          `${gateway.portal}/flow/login?${name}=${value}`,
          `${gateway.portal}/flow/logout?${name}=${value}`,
          `${gateway.portal}/?${name}=${value}`,
        ],
      ),
      `${gateway.portal}/flow/login?rd=${encodeURIComponent(`${gateway.app('app')}/${value}?${value}`)}`,
      `${gateway.portal}/flow/${value}`,
      `${gateway.portal}/api/flow/${value}`,
      `${gateway.portal}/${value}`,
      `${gateway.portal}/assets/${value}`,
      `${gateway.app('app')}/${value}?${value}`,
      `${gateway.app('nowhere')}/${value}`,
      `${gateway.app('shut')}/${value}`,
    ];
    const signed = (await world.signIn('alice')).client;
    for (const url of urls) {
      for (const browser of [client, signed]) {
        const page = await browser.open(url, headers);
        if (page.headers['x-upstream'] !== undefined) continue;
        expectClean(page, url);
      }
    }
    for (const host of [`${MARKER}.gw.test`, MARKER, `app.gw.test/${MARKER}`]) {
      expectClean(await client.open(gateway.portal, { ...headers, host }), host);
    }
    // A name is shown again with the password field and with the rejection.
    const first = await client.open(`${gateway.portal}/flow/login`, headers);
    const second = await client.submitAndFollow(first, { login: MARKER });
    expectClean(second, 'name at the password');
    expect(second.body).toContain('&lt;x');
    const third = await client.submitAndFollow(second, { password: MARKER });
    expectClean(third, 'wrong password');
    const invalid = await client.submitAndFollow(
      await client.open(`${gateway.portal}/flow/login`),
      { login: '' },
    );
    expectClean(invalid, 'no name');
  });
});

describe('names from operators', () => {
  it('XSS-stored: are shown as text, their links use http, and their pictures run no script', async () => {
    const { gateway } = world;
    const client = new Client();
    const first = await client.follow(gateway.app('named'));
    expectClean(first, 'sign-in for an app');
    expect(first.body).toContain('App &lt;script');
    const second = await client.submitAndFollow(first, { login: 'alice' });
    await client.submit(second, { password: PASSWORD });
    const pages = {
      home: await client.open(gateway.portal),
      denied: await client.open(gateway.app('shut')),
      'signed in': await client.open(`${gateway.portal}/flow/login`),
      'sign out': await client.open(`${gateway.portal}/flow/logout`),
    };
    for (const [name, page] of Object.entries(pages)) expectClean(page, name);
    expect(pages.home.body).toContain('App &lt;script');
    expect(pages.home.body).toContain('Alice &lt;script');
    const bye = await client.submitAndFollow(pages['sign out'], {});
    expectClean(bye, 'signed out');
    expect(bye.body).toContain('Bye &lt;script');
    for (const page of [...Object.values(pages), bye]) {
      for (const [, to = ''] of page.body.matchAll(/\b(?:href|src|action)="([^"]*)"/g)) {
        expect(to === '' || /^(?:\/|https?:\/\/)/.test(to), to).toBe(true);
      }
    }
    const logo = /<img src="([^"]+)"/.exec(pages.home.body)?.[1] ?? '';
    const picture = await client.open(new URL(logo, gateway.portal).href);
    expect(picture.body).toBe(SVG);
    expect(picture.headers['content-security-policy']).toMatch(/sandbox/);
    expect(picture.headers['content-security-policy']).toMatch(/default-src 'none'/);
    expect(picture.headers['x-content-type-options']).toBe('nosniff');

    // Values that become links or styles are restricted to that purpose.
    const refused = [
      ['brand: { accent: "red;}</style>" }', 'brand.accent'],
      ['brand: { logo: "https://attacker.invalid/x.svg" }', 'brand.logo'],
      ['routes: [{ id: a, host: a.example.com, upstream: "javascript:alert(1)" }]', 'upstream'],
      ['routes: [{ id: a, host: "a.example.com/<x>" }]', 'host'],
    ] as const;
    for (const [yaml, place] of refused) {
      const file = join(folder, 'bad.yaml');
      writeFileSync(
        file,
        `public_url: https://auth.example.com\nsession: { cookie_domains: [example.com] }\n${yaml}\n`,
      );
      const ran = await runCommand(['check', '-c', file]);
      expect(ran.code, yaml).toBe(1);
      expect(ran.out + ran.err, yaml).toContain(place);
    }
  });
});
