/** What each header that reaches an app means, and who put it there. A table, so that a newcomer learns by reading. */

/** Who put a header there. */
export type Origin = 'identity' | 'gateway' | 'browser';

/** A header in words. */
export interface Meaning {
  readonly origin: Origin;
  readonly text: string;
}

const MEANINGS: Readonly<Record<string, Meaning>> = {
  'remote-user': { origin: 'identity', text: 'The sign-in name. This is who you are to this app.' },
  'remote-name': { origin: 'identity', text: 'The name to show.' },
  'remote-email': { origin: 'identity', text: 'The address, where the directory knows one.' },
  'remote-groups': { origin: 'identity', text: 'Your groups, joined by commas.' },
  'x-doorward-jwt': {
    origin: 'identity',
    text: 'The same, signed. An app that others can reach around the gateway checks this one against the portal’s public keys.',
  },
  'x-request-id': { origin: 'gateway', text: 'Names this very request in the gateway’s log.' },
  'x-forwarded-for': { origin: 'gateway', text: 'The address you come from.' },
  'x-forwarded-host': { origin: 'gateway', text: 'The host in your address bar.' },
  'x-forwarded-proto': { origin: 'gateway', text: 'Whether you came by http or https.' },
  'x-forwarded-port': { origin: 'gateway', text: 'The port in your address bar.' },
  'x-forwarded-method': { origin: 'gateway', text: 'The method of your request.' },
  'x-forwarded-uri': { origin: 'gateway', text: 'The path and query of your request.' },
  'x-real-ip': { origin: 'gateway', text: 'The address you come from.' },
  forwarded: { origin: 'gateway', text: 'The way your request took (RFC 7239).' },
  via: { origin: 'gateway', text: 'The proxies in between.' },
  traceparent: { origin: 'gateway', text: 'Joins this request to a trace (W3C Trace Context).' },
  host: { origin: 'gateway', text: 'Where the gateway found this app.' },
  connection: { origin: 'gateway', text: 'The gateway’s own connection to this app; never yours.' },
  accept: { origin: 'browser', text: 'Kinds of answers it can show.' },
  'accept-encoding': { origin: 'browser', text: 'Compressions it understands.' },
  'accept-language': { origin: 'browser', text: 'Languages you prefer.' },
  'user-agent': { origin: 'browser', text: 'Which browser it says it is.' },
  referer: { origin: 'browser', text: 'The page you came from.' },
  cookie: { origin: 'browser', text: 'This app’s own cookies.' },
  'sec-fetch-mode': { origin: 'browser', text: 'Whether you navigated or a script asked.' },
  'sec-fetch-site': { origin: 'browser', text: 'Whether the request began on this very site.' },
  'sec-fetch-dest': { origin: 'browser', text: 'What the answer is for.' },
  'sec-fetch-user': { origin: 'browser', text: 'That you asked for it yourself.' },
  'upgrade-insecure-requests': { origin: 'browser', text: 'That it would rather use https.' },
  'cache-control': { origin: 'browser', text: 'How fresh the answer must be.' },
};

/** The meaning of a header by its name in any case; whatever is not listed came from the browser. */
export function meaningOf(name: string): Meaning {
  const key = name.toLowerCase();
  if (Object.hasOwn(MEANINGS, key)) return MEANINGS[key] as Meaning;
  if (key.startsWith('remote-'))
    return { origin: 'identity', text: 'Set by the gateway’s operator.' };
  return { origin: 'browser', text: key.startsWith('sec-') ? 'A hint about the browser.' : '' };
}
