/**
 * The header fields that nginx sends: to Doorward with a question, to Doorward's own pages, and to
 * an app. nginx knows no other way to remove a client's field than to write it empty.
 */
import {
  type ProxyApp,
  authorityOf,
  identifier,
  OTHER_PROXY_HEADERS,
  type ProxyHost,
  type ProxyPlan,
} from '../../core/setup/proxy-plan.ts';

const INDENT = '        ';

/** Longest line of removals, in characters. */
const WIDTH = 110;

/**
 * A block's own name, as a value for nginx. `$host` is safe for a wildcard: nginx takes it from
 * where it took the name that chose the block, in lower case and without a port.
 */
export function nameOf(scheme: 'http' | 'https', served: ProxyHost): string {
  const host = served.host.startsWith('*.') ? '$host' : served.host;
  return authorityOf({ scheme }, { ...served, host });
}

/** A check: what was asked for, from where; nothing of it is said by the client. */
export function questionHeaders(plan: ProxyPlan, served: ProxyHost, method: string): string {
  const name = nameOf(plan.scheme, served);
  const fields = [
    ['X-Original-URL', `$scheme://${name}$request_uri`],
    ['X-Original-Method', method],
    ['X-Forwarded-For', '$remote_addr'],
    ...addresses(plan),
    ...certificate(plan),
  ] as const;
  return [
    ...fields.map(set),
    ...emptied([
      'Content-Length',
      'Transfer-Encoding',
      'Connection',
      'Upgrade',
      'X-Request-Id',
      'X-Forwarded-Proto',
      'X-Forwarded-Host',
      'X-Forwarded-Uri',
      'X-Forwarded-Method',
      'X-Auth-Request-Redirect',
      ...plan.identity,
      ...plan.forgeries,
    ]),
  ].join('\n');
}

/** A request for one page of Doorward on an app's host. */
export function pageHeaders(plan: ProxyPlan, served: ProxyHost): string {
  return [
    ...forwarded(plan, served).map(set),
    ...emptied([
      'Connection',
      'Upgrade',
      'X-Request-Id',
      'X-Forwarded-Uri',
      ...OTHER_PROXY_HEADERS,
    ]),
  ].join('\n');
}

/** A whole host of Doorward: it trusts nginx, so nothing that only a proxy says may be a client's. */
export function doorwardHeaders(plan: ProxyPlan, served: ProxyHost): string {
  return [
    ...forwarded(plan, served).map(set),
    ...certificate(plan).map(set),
    set(['Upgrade', '$doorward_upgrade']),
    set(['Connection', '$doorward_connection']),
    ...emptied(['X-Request-Id', ...plan.identity, ...missing(plan.removed), ...others(plan)]),
  ].join('\n');
}

/** An allowed request for an app: every field of ours, and none of the client that looks like one. */
export function appHeaders(plan: ProxyPlan, app: ProxyApp, served: ProxyHost): string {
  const name = nameOf(plan.scheme, served);
  const host = app.preserveHost || app.upstream === null ? name : app.upstream.name;
  const own = new Set(app.identity.map((one) => one.toLowerCase()));
  const isGrpc = app.upstream?.scheme === 'h2c';
  const lines = [
    '',
    ...app.identity.map((one) => set([one, `$doorward_${identifier(one)}`])),
    set(['X-Request-Id', '$doorward_request_id']),
    set(['Cookie', '$doorward_cookie']),
    ...(app.takesAuthorization ? [set(['Authorization', '$doorward_authorization'])] : []),
    ...forwarded(plan, served, host).map(set),
    // HTTP/2 has neither.
    ...(isGrpc
      ? []
      : [set(['Upgrade', '$doorward_upgrade']), set(['Connection', '$doorward_connection'])]),
    `${INDENT}# Remove headers that only a proxy or Doorward may set.`,
    ...emptied([
      ...plan.identity.filter((one) => !own.has(one.toLowerCase())),
      ...plan.forgeries,
      ...plan.removed,
    ]),
  ].join('\n');
  return isGrpc ? lines.replaceAll('proxy_set_header', 'grpc_set_header') : lines;
}

type Field = readonly [string, string];

function forwarded(plan: ProxyPlan, served: ProxyHost, host?: string): Field[] {
  const name = nameOf(plan.scheme, served);
  return [
    ['Host', host ?? name],
    ['X-Forwarded-For', '$remote_addr'],
    ['X-Forwarded-Proto', '$scheme'],
    ['X-Forwarded-Host', name],
    ['X-Forwarded-Port', String(served.port)],
    ...addresses(plan),
    ['Forwarded', `'for="$doorward_node";host="${name}";proto=$scheme'`],
  ];
}

function addresses({ addressFields }: ProxyPlan): Field[] {
  return addressFields.map((name) => [name, '$remote_addr']);
}

/** The client's certificate: empty if it has shown none. */
function certificate({ certificateField }: ProxyPlan): Field[] {
  return certificateField === null ? [] : [[certificateField, '$ssl_client_escaped_cert']];
}

/** The fields to remove without the one that is set. */
function others({ removed, certificateField }: ProxyPlan): readonly string[] {
  const field = certificateField?.toLowerCase();
  return removed.filter((name) => name.toLowerCase() !== field);
}

/** Headers of other proxies that are not in the list of removals. */
function missing(removed: readonly string[]): string[] {
  return OTHER_PROXY_HEADERS.filter((name) => !removed.includes(name));
}

function set([name, value]: Field): string {
  return `${INDENT}proxy_set_header ${name} ${value};`;
}

/** Several a line: they are many. */
function emptied(names: readonly string[]): string[] {
  const lines: string[] = [];
  let line = '';
  for (const name of names) {
    const next = `proxy_set_header ${name} "";`;
    if (line !== '' && line.length + next.length >= WIDTH) {
      lines.push(INDENT + line);
      line = '';
    }
    line += line === '' ? next : ` ${next}`;
  }
  return line === '' ? lines : [...lines, INDENT + line];
}
