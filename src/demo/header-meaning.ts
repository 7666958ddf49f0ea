/** What each header that reaches an app means, and who put it there. A table, so that a newcomer learns by reading. */

/** Who put a header there. */
export type Origin = 'identity' | 'gateway' | 'browser';

/** A header in words. */
export interface Meaning {
  readonly origin: Origin;
  readonly text: string;
}

const MEANINGS: Readonly<Record<string, Meaning>> = {
  'remote-user': { origin: 'identity', text: 'Your username: who you are to this app.' },
  'remote-name': { origin: 'identity', text: 'Your display name.' },
  'remote-email': { origin: 'identity', text: 'Your email address, if the directory has one.' },
  'remote-groups': { origin: 'identity', text: 'Your groups, joined by commas.' },
  'x-doorward-jwt': {
    origin: 'identity',
    text: 'The same, signed. An app that can be reached without the gateway verifies it with the portal’s public keys.',
  },
  'x-request-id': { origin: 'gateway', text: 'Identifies this request in the gateway’s log.' },
  'x-forwarded-for': { origin: 'gateway', text: 'Your IP address.' },
  'x-forwarded-host': { origin: 'gateway', text: 'The host in your address bar.' },
  'x-forwarded-proto': { origin: 'gateway', text: 'Whether your browser used http or https.' },
  'x-forwarded-port': { origin: 'gateway', text: 'The port in your address bar.' },
  'x-forwarded-method': { origin: 'gateway', text: 'The method of your request.' },
  'x-forwarded-uri': { origin: 'gateway', text: 'The path and query of your request.' },
  'x-real-ip': { origin: 'gateway', text: 'Your IP address.' },
  forwarded: { origin: 'gateway', text: 'The way your request took (RFC 7239).' },
  via: { origin: 'gateway', text: 'The proxies in between.' },
  traceparent: { origin: 'gateway', text: 'Joins this request to a trace (W3C Trace Context).' },
  host: { origin: 'gateway', text: 'Where the gateway found this app.' },
  connection: { origin: 'gateway', text: 'The gateway’s own connection to this app; never yours.' },
  accept: { origin: 'browser', text: 'Content types that it accepts.' },
  'accept-encoding': { origin: 'browser', text: 'Compressions that it accepts.' },
  'accept-language': { origin: 'browser', text: 'Languages you prefer.' },
  'user-agent': { origin: 'browser', text: 'Which browser it says it is.' },
  referer: { origin: 'browser', text: 'The page you came from.' },
  cookie: { origin: 'browser', text: 'This app’s own cookies.' },
  'sec-fetch-mode': {
    origin: 'browser',
    text: 'Whether you navigated or a script sent the request.',
  },
  'sec-fetch-site': { origin: 'browser', text: 'Whether the request came from this site.' },
  'sec-fetch-dest': { origin: 'browser', text: 'What the response is for.' },
  'sec-fetch-user': { origin: 'browser', text: 'That you started the request yourself.' },
  'upgrade-insecure-requests': { origin: 'browser', text: 'That it prefers https.' },
  'cache-control': { origin: 'browser', text: 'How fresh the response must be.' },
};

/** The meaning of a header by its name in any case; one that is not listed came from the browser. */
export function meaningOf(name: string): Meaning {
  const key = name.toLowerCase();
  if (Object.hasOwn(MEANINGS, key)) return MEANINGS[key] as Meaning;
  if (key.startsWith('remote-'))
    return { origin: 'identity', text: 'Set by the gateway’s operator.' };
  return { origin: 'browser', text: key.startsWith('sec-') ? 'A hint about the browser.' : '' };
}
