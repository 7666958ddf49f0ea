/**
 * Doorward behind nginx: `auth_request` for each app, the portal beside them. nginx passes on
 * only 401 and 403 of a sub-request, so a named location fetches the whole answer (redirect, JSON
 * or page). Each server block has one name and writes it itself: `$http_host` may contradict the
 * absolute-form target that nginx chose the block by.
 */
import {
  appHeaders,
  doorwardHeaders,
  nameOf,
  pageHeaders,
  questionHeaders,
} from './writer-headers.ts';
import {
  type ProxyApp,
  identifier,
  OWN_PATHS,
  type ProxyHost,
  type ProxyPlan,
  quotedRegex,
} from '../../core/setup/proxy-plan.ts';

/** A file for inside `http { … }`, such as `/etc/nginx/conf.d/doorward.conf`. */
export function writeConfig(plan: ProxyPlan): string {
  const hosts = [plan.portal, ...plan.apps.flatMap((app) => app.hosts)];
  const servers = [
    ...new Set(hosts.map(({ port }) => port)).values().map((port) => defaultServer(plan, port)),
    ...(plan.scheme === 'https' ? [redirects(hosts)] : []),
    doorwardServer(plan, plan.portal, 'The portal: where people sign in.'),
    ...plan.apps.flatMap((app) => app.hosts.map((served) => appServer(plan, app, served))),
  ];
  return [head(plan), upstreams(plan), maps(plan), ...servers].join('\n');
}

function head(plan: ProxyPlan): string {
  return `# Doorward behind nginx, written by: doorward generate nginx -c ${plan.file}
# Include it inside http { }. nginx needs --with-http_auth_request_module, which packages have.
`;
}

function upstreams(plan: ProxyPlan): string {
  const blocks = [upstream('doorward', plan.doorward, 32)];
  for (const app of plan.apps) {
    if (app.isBundled) continue;
    if (app.upstream === null) {
      blocks.push(
        `# Change this: ${plan.file} names no upstream for the route ${app.id}.\n` +
          upstream(upstreamName(app), '127.0.0.1:8080', 16),
      );
    } else blocks.push(upstream(upstreamName(app), app.upstream.authority, 16));
  }
  return blocks.join('\n');
}

function upstream(name: string, authority: string, keepalive: number): string {
  return `upstream ${name} {
    server ${authority};
    keepalive ${keepalive};
}
`;
}

function maps(plan: ProxyPlan): string {
  const cookie = quotedRegex(plan.cookie);
  return `# Only a websocket handshake is upgraded: a GET without a body. Any other protocol, such as h2c,
# would be a tunnel in which nginx asks about nothing.
map "$request_method $http_upgrade $http_content_length$http_transfer_encoding" $doorward_upgrade {
    default          '';
    'GET websocket ' websocket;
}
map $doorward_upgrade $doorward_connection {
    default '';
    websocket upgrade;
}

# The client's address as RFC 7239 writes it.
map $remote_addr $doorward_node {
    default $remote_addr;
    '~:'    "[$remote_addr]";
}

# The session cookie stays here; an app that saw it could act for its visitor elsewhere.
# Two of them are no session, and then no cookie passes at all.
map $http_cookie $doorward_cookie {
    default                                       $http_cookie;
    "~(?:^|;)\\s*${cookie}\\s*=.*;\\s*${cookie}\\s*="  '';
    "~^(?<doorward_before>(?:.*;)?)\\s*${cookie}\\s*=[^;]*(?:;\\s*|$)(?<doorward_after>.*)$"  $doorward_before$doorward_after;
}
`;
}

/** Unknown hosts get no app, even where the client and nginx disagree about the name. */
function defaultServer(plan: ProxyPlan, port: number): string {
  return `# Hosts that are no route. Delete this block if your nginx has a default_server for port ${port} already.
server {
${listen(plan, { host: '_', port }, ' default_server')}
    return 421;
}
`;
}

function redirects(hosts: readonly ProxyHost[]): string {
  const blocks = hosts.map(
    (served) => `server {
    listen 80;
    server_name ${served.host};
    return 301 https://${nameOf('https', served)}$request_uri;
}
`,
  );
  return `# From http to https.\n${blocks.join('\n')}`;
}

/** A host that Doorward answers by itself: the portal, or an app that is bundled with it. */
function doorwardServer(plan: ProxyPlan, served: ProxyHost, title: string): string {
  return `# ${title}
server {
${listen(plan, served)}
${BUFFERS}
    location / {
        proxy_pass http://doorward;
${doorwardHeaders(plan, served)}
    }
}
`;
}

function appServer(plan: ProxyPlan, app: ProxyApp, served: ProxyHost): string {
  if (app.isBundled) {
    const title = `${app.id}: bundled with Doorward, which proxies to it by itself.`;
    return doorwardServer(plan, served, title);
  }
  return `# ${app.id}
server {
${listen(plan, served)}
    client_max_body_size 0;  # the app decides how much it takes
${BUFFERS}
    # May this request pass? Asked before each one, without its body.
    location = /.doorward/check {
        internal;
        proxy_pass http://doorward/.doorward/check/nginx;
        proxy_pass_request_body off;
${questionHeaders(plan, served, '$request_method')}
    }

    # The body of a refused request goes nowhere, so nginx does not wait for it or store it: a length
    # above the limit makes it discard the body. Either way the next location answers.
    location = /.doorward/refused {
        internal;
        client_max_body_size 1;
        recursive_error_pages on;
        error_page 410 413 = @doorward;
        return 410;
    }

    # The whole answer for those who may not: to the sign-in page, as JSON, or a page that says why.
    location @doorward {
        # A body without a length ends here at this size; the answer is the same.
        client_max_body_size 1;
        recursive_error_pages on;
        error_page 413 = @doorward;
        # Allowed already, so the fault is nginx's own: asking again would lead in circles.
        if ($doorward_answer ~ "200$") {
            return 500;
        }
        rewrite ^ /.doorward/check/nginx?answer=whole? break;
        proxy_pass http://doorward;
        proxy_method GET;
        proxy_pass_request_body off;
${questionHeaders(plan, served, '$doorward_method')}
    }

    # Doorward's own paths on this host. The rest below is reserved; checks are asked from here only.
${OWN_PATHS.map((path) => ownPath(plan, served, path)).join('\n')}
    location /.doorward/ {
        return 404;
    }

    location / {
        set $doorward_method $request_method;  # the redirect below turns it into GET
        auth_request /.doorward/check;
        recursive_error_pages on;
        error_page 401 403 500 = /.doorward/refused;
        auth_request_set $doorward_answer $upstream_status;
        auth_request_set $doorward_request_id $upstream_http_x_request_id;
${plan.identity.map((name) => `        auth_request_set $doorward_${identifier(name)} $upstream_http_${identifier(name)};`).join('\n')}

${toApp(app)}
${appHeaders(plan, app, served)}
    }
}
`;
}

/** The path is written out, so that no other spelling of it can reach Doorward as another path. */
function ownPath(plan: ProxyPlan, served: ProxyHost, path: string): string {
  return `    location = ${path} {
        proxy_pass http://doorward${path};
${pageHeaders(plan, served)}
    }`;
}

function toApp(app: ProxyApp): string {
  const scheme = app.upstream?.scheme ?? 'http';
  // With a base path the original target is appended as it came: nginx must not decode it. A `$` of
  // the base path would be a variable.
  const prefix = (app.upstream?.base ?? '').replaceAll('$', '%24');
  const base = prefix === '' ? '' : `${prefix}$request_uri`;
  const lines = [
    `proxy_pass ${scheme}://${upstreamName(app)}${base};`,
    'proxy_read_timeout 1h;  # quiet websockets and event streams',
    '# Uploads and event streams pass as they come.',
    'proxy_request_buffering off;',
    'proxy_buffering off;',
    "# An app's answer does not lead nginx to another location.",
    'proxy_ignore_headers X-Accel-Redirect X-Accel-Expires X-Accel-Limit-Rate X-Accel-Buffering X-Accel-Charset;',
    '# It could clear the cookies of the whole domain, the session cookie among them.',
    'proxy_hide_header Clear-Site-Data;',
  ];
  if (scheme === 'https') {
    lines.push(
      'proxy_ssl_server_name on;',
      `proxy_ssl_name ${app.upstream?.host ?? ''};`,
      'proxy_ssl_verify on;',
      'proxy_ssl_verify_depth 3;',
      'proxy_ssl_trusted_certificate /etc/ssl/certs/ca-certificates.crt;',
    );
  }
  return lines.map((line) => `        ${line}`).join('\n');
}

/** For every location: kept connections, room for long identity headers and for the list of names. */
const BUFFERS = `    proxy_http_version 1.1;
    proxy_buffer_size 32k;  # identity headers can be long
    proxy_buffers 8 32k;
    proxy_busy_buffers_size 64k;
    proxy_headers_hash_max_size 2048;
    proxy_headers_hash_bucket_size 128;
`;

function listen(plan: ProxyPlan, { host, port }: ProxyHost, more = ''): string {
  const isTls = plan.scheme === 'https';
  const tls = `
    # Change these two.
    ssl_certificate /etc/nginx/tls/fullchain.pem;
    ssl_certificate_key /etc/nginx/tls/privkey.pem;`;
  return `    listen ${port}${isTls ? ' ssl http2' : ''}${more};
    server_name ${host};${isTls ? tls : ''}
    # No header name that some app could read as another one: Remote_User, Remote!User.
    ignore_invalid_headers on;
    underscores_in_headers off;
`;
}

function upstreamName(app: ProxyApp): string {
  return `doorward_app_${identifier(app.id)}`;
}
