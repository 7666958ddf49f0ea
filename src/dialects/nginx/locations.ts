/**
 * The locations of a server block: those of an app, whose requests Doorward checks, or the single one
 * of a host that Doorward serves itself. nginx passes on only 401 and 403 of a sub-request, so a named
 * location fetches the whole answer (redirect, JSON or page).
 */
import { type ProxyApp, identifier, OWN_PATHS } from '../../core/setup/proxy-plan.ts';
import type { ProxyHost, ProxyPlan } from '../../core/setup/proxy-plan.ts';
import { appHeaders, doorwardHeaders, pageHeaders, questionHeaders } from './writer-headers.ts';

/** What differs between the server blocks of nginx itself and of the products built on it. */
export interface Surroundings {
  /** Doorward, for `proxy_pass`. A variable, unless a group of servers is defined. */
  readonly doorward: string;
  /** Follows a path of Doorward: nginx appends the query itself only where nothing is variable. */
  readonly query: '' | '$is_args$args';
  /** Line of each location that needs no check; empty if the server block has none. */
  readonly unchecked: string;
  /** The app, for `proxy_pass`, without a path. */
  app(app: ProxyApp): string;
}

/** For every location: room for long identity headers and for the list of names. */
export const BUFFERS = `    proxy_buffer_size 32k;  # identity headers can be long
    proxy_buffers 8 32k;
    proxy_busy_buffers_size 64k;
    proxy_headers_hash_max_size 2048;
    proxy_headers_hash_bucket_size 128;
`;

/** For all requests to an app that Doorward proxies. */
export const STREAMS = `    client_max_body_size 0;  # the app limits the size of uploads
    proxy_request_buffering off;
    proxy_buffering off;
    proxy_read_timeout 1h;  # idle websockets and event streams
`;

/** For the host of an app that accepts client certificates. Doorward checks them, so nginx need not. */
export function askCertificate(
  { scheme }: ProxyPlan,
  { takesCertificates }: Pick<ProxyApp, 'takesCertificates'>,
): string {
  if (scheme === 'http' || !takesCertificates) return '';
  return `    # Change this: the authorities of client certificates, which nginx names to clients. Doorward checks them.
    ssl_client_certificate /etc/nginx/tls/client-ca.pem;
    ssl_verify_client optional_no_ca;
`;
}

/** For a host whose requests all go to Doorward. */
export function doorwardLocation(plan: ProxyPlan, served: ProxyHost, around: Surroundings): string {
  return `    location / {
${around.unchecked}        proxy_pass ${around.doorward};
${doorwardHeaders(plan, served)}
    }
`;
}

/** An app and one of its hosts. */
export interface ServedApp {
  readonly app: ProxyApp;
  readonly host: ProxyHost;
}

/**
 * Whether Doorward must proxy the app where no group of servers can be defined: it has several members,
 * or listens on a socket, which no other container can reach.
 */
export function isDoorwards({ isBundled, upstream }: ProxyApp): boolean {
  const [first = '', ...others] = upstream?.authorities ?? [];
  return isBundled || others.length > 0 || first.startsWith('unix:');
}

/** How nginx passes requests to an app; `grpc` for all that speak HTTP/2. */
export function passScheme({ upstream }: ProxyApp): 'http' | 'https' | 'grpc' {
  const { scheme } = upstream ?? { scheme: 'http' };
  return scheme === 'h2c' ? 'grpc' : scheme;
}

/** For a host of an app. */
// oxlint-disable-next-line max-lines-per-function -- one server block, in the order that nginx reads it
export function appLocations(
  plan: ProxyPlan,
  { app, host }: ServedApp,
  around: Surroundings,
): string {
  const { doorward, unchecked } = around;
  return `    # Asks Doorward whether a request is allowed, without sending the body.
    location = /.doorward/check {
        internal;
        proxy_pass ${doorward}/.doorward/check/nginx;
        proxy_pass_request_body off;
${questionHeaders(plan, host, '$request_method')}
    }

    # Discards the body of a refused request instead of waiting for it and storing it: nginx discards a
    # body whose length is above the limit. In either case, @doorward replies.
    location = /.doorward/refused {
        internal;
        client_max_body_size 1;
        recursive_error_pages on;
        error_page 410 413 = @doorward;
        return 410;
    }

    # Fetches the reply to a refused request: a redirect to the sign-in page, JSON, or a page with the reasons.
    location @doorward {
${unchecked}        # A body without a length exceeds the limit only here; the reply is the same.
        client_max_body_size 1;
        recursive_error_pages on;
        error_page 413 = @doorward;
        # Doorward allowed the request, so the error is nginx's own. Asking again would loop.
        if ($doorward_answer ~ "200$") {
            return 500;
        }
        rewrite ^ /.doorward/check/nginx?answer=whole? break;
        proxy_pass ${doorward};
        proxy_method GET;
        proxy_pass_request_body off;
${questionHeaders(plan, host, '$doorward_method')}
    }

    # Doorward's own paths on this host. The other paths below /.doorward/ are reserved: clients cannot
    # send checks.
${OWN_PATHS.map((path) => ownPath(plan, { host, path }, around)).join('\n')}
    location /.doorward/ {
        return 404;
    }

    location / {
        set $doorward_method $request_method;  # error_page below changes it to GET
        auth_request /.doorward/check;
        recursive_error_pages on;
        error_page 401 403 500 = /.doorward/refused;
        auth_request_set $doorward_answer $upstream_status;
        auth_request_set $doorward_request_id $upstream_http_x_request_id;
${fromAllow(app)
  .map(
    (name) =>
      `        auth_request_set $doorward_${identifier(name)} $upstream_http_${identifier(name)};`,
  )
  .join('\n')}

${passScheme(app) === 'grpc' ? toGrpcApp(app, around) : toApp(app, around)}
${appHeaders(plan, app, host)}
    }
`;
}

/** Fields of an allow that the app receives. */
function fromAllow({ identity, takesAuthorization }: ProxyApp): readonly string[] {
  return takesAuthorization ? [...identity, 'Authorization'] : identity;
}

/** The path is written out, so that no other spelling of it can reach Doorward as another path. */
function ownPath(
  plan: ProxyPlan,
  { host, path }: { readonly host: ProxyHost; readonly path: string },
  { doorward, query, unchecked }: Surroundings,
): string {
  return `    location = ${path} {
${unchecked}        proxy_pass ${doorward}${path}${query};
${pageHeaders(plan, host)}
    }`;
}

function toApp(app: ProxyApp, around: Surroundings): string {
  // With a base path the original target is appended as it came: nginx must not decode it. A `$` of
  // the base path would be a variable.
  const prefix = (app.upstream?.base ?? '').replaceAll('$', '%24');
  const base = prefix === '' ? '' : `${prefix}$request_uri`;
  const lines = [
    `proxy_pass ${around.app(app)}${base};`,
    'proxy_read_timeout 1h;  # idle websockets and event streams',
    '# Stream uploads and event streams without buffering.',
    'proxy_request_buffering off;',
    'proxy_buffering off;',
    '# Apps must not redirect nginx to an internal location.',
    `proxy_ignore_headers ${INTERNAL};`,
    '# Clear-Site-Data could clear the cookies of the whole domain, including the session cookie.',
    'proxy_hide_header Clear-Site-Data;',
  ];
  if (app.upstream?.scheme === 'https') {
    lines.push(
      'proxy_ssl_server_name on;',
      `proxy_ssl_name ${app.upstream.host};`,
      'proxy_ssl_verify on;',
      'proxy_ssl_verify_depth 3;',
      'proxy_ssl_trusted_certificate /etc/ssl/certs/ca-certificates.crt;',
    );
  }
  return lines.map((line) => `        ${line}`).join('\n');
}

/** Over HTTP/2, where nginx buffers nothing. Trailers cross by themselves. */
function toGrpcApp(app: ProxyApp, around: Surroundings): string {
  const lines = [
    `grpc_pass ${around.app(app)};`,
    '# Streams can be silent for a long time.',
    'grpc_read_timeout 1h;',
    'grpc_send_timeout 1h;',
    'client_body_timeout 1h;',
    '# Apps must not redirect nginx to an internal location.',
    `grpc_ignore_headers ${INTERNAL};`,
    '# Clear-Site-Data could clear the cookies of the whole domain, including the session cookie.',
    'grpc_hide_header Clear-Site-Data;',
  ];
  return lines.map((line) => `        ${line}`).join('\n');
}

const INTERNAL =
  'X-Accel-Redirect X-Accel-Expires X-Accel-Limit-Rate X-Accel-Buffering X-Accel-Charset';
