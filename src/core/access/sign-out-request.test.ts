import { describe, expect, it } from 'vitest';
import { site } from '../../../test/support/deciding.ts';
import { someFacts } from '../../../test/support/policy-input.ts';
import { isByUser, isSignOutPath } from './sign-out-request.ts';

const OWN = 'https://wiki.example.com';
const PAGE = { accept: 'text/html' };
const navigation = (from: string) => ({
  'sec-fetch-site': from,
  'sec-fetch-mode': 'navigate',
  'sec-fetch-dest': 'document',
});

describe('the address at which an app signs users out', () => {
  const route = {
    signOut: { paths: new Set(['/logout']), to: [] },
    frontControllers: ['index.php'],
  };

  it.each([
    '/logout',
    '/logout/',
    '/LogOut',
    '/logout?next=/',
    '/x/..%2flogout',
    '//logout',
    '/index.php/logout',
    '/%6cogout',
    '/logout;jsessionid=1',
  ])('has %s as a reading', (target) => {
    expect(isSignOutPath(route, someFacts({ target }))).toBe(true);
  });

  it.each([
    '/',
    '/logouts',
    '/logout/all',
    '/a/logout',
    '/?logout',
    `/logout/${'%2f..;'.repeat(400)}`,
  ])('is not %s', (target) => {
    expect(isSignOutPath(route, someFacts({ target }))).toBe(false);
  });

  it('is none if the route has none', () => {
    expect(isSignOutPath({ ...route, signOut: { paths: null, to: [] } }, someFacts())).toBe(false);
  });
});

describe('a request to sign out', () => {
  it.each([
    ['a link of the app', 'GET', navigation('same-origin')],
    ['the address bar', 'GET', navigation('none')],
    ['a form of the app', 'POST', { ...navigation('same-origin'), origin: OWN }],
    ['its form under no-referrer', 'POST', { ...navigation('same-origin'), origin: 'null' }],
    ['its script', 'DELETE', { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors' }],
    ['an old browser, by link', 'GET', { ...PAGE, referer: `${OWN}/home` }],
    ['an old browser, by form', 'POST', { ...PAGE, origin: OWN }],
  ])('is one by the user: %s', (_, method, headers) => {
    expect(isByUser(site, someFacts({ method, headers }))).toBe(true);
  });

  const image = { 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' };
  it.each([
    ['a link of another site', 'GET', navigation('cross-site')],
    ['a link of a sibling', 'GET', navigation('same-site')],
    ['an image of another site', 'GET', { ...image, 'sec-fetch-site': 'cross-site' }],
    ['an image in the app', 'GET', { ...image, 'sec-fetch-site': 'same-origin' }],
    ['a frame in the app', 'GET', { ...navigation('same-origin'), 'sec-fetch-dest': 'iframe' }],
    ['a prefetch', 'GET', { ...navigation('none'), 'sec-purpose': 'prefetch;prerender' }],
    [
      'a form of another site',
      'POST',
      { ...navigation('cross-site'), origin: 'https://evil.test' },
    ],
    ['a form of a sandbox', 'POST', { ...navigation('cross-site'), origin: 'null' }],
    [
      'another origin behind the same site',
      'POST',
      { ...navigation('same-origin'), origin: 'https://evil.test' },
    ],
    ['the address bar, by POST', 'POST', navigation('none')],
    ['a script with GET', 'GET', { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors' }],
    ['HEAD', 'HEAD', navigation('same-origin')],
    ['a preflight', 'OPTIONS', { origin: OWN, 'access-control-request-method': 'POST' }],
    ['a websocket', 'GET', { ...navigation('same-origin'), 'sec-websocket-key': 'x' }],
    ['an old browser, from elsewhere', 'GET', { ...PAGE, referer: `${OWN}.evil.test/` }],
    ['an old browser, from nowhere', 'GET', PAGE],
    ['an old browser, an image', 'GET', { accept: 'image/*', referer: `${OWN}/` }],
    ['an old browser, a form of a sandbox', 'POST', { ...PAGE, origin: 'null' }],
    ['a program', 'POST', {}],
  ])('is none by the user: %s', (_, method, headers) => {
    expect(isByUser(site, someFacts({ method, headers }))).toBe(false);
  });
});
