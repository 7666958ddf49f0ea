/**
 * Doorward behind nginx: `auth_request` for each app, the portal beside them. nginx keeps
 * only 401 and 403 of a sub-request, so the whole answer (redirect, JSON or page) is fetched
 * by a named location. Identity headers are always written, empty ones too.
 */
import {
  type App,
  byPort,
  identifier,
  OTHER_VOICES,
  type ProxyPlan,
  quotedRegex,
} from './proxy-plan.ts';

/** A file for inside `http { … }`, such as `/etc/nginx/conf.d/doorward.conf`. */
export function nginxConfig(plan: ProxyPlan): string {
  const servers = [
    ...byPort([plan.portal]).map(([port, hosts]) => portalServer(plan, port, hosts)),
    ...plan.apps.flatMap((app) =>
      byPort(app.places).map(([port, hosts]) => appServer(plan, app, port, hosts)),
    ),
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
  return `# Connection for apps: upgrades pass, nothing else a client says about it does.
map $http_upgrade $doorward_connection {
    default upgrade;
    ''      '';
}

# The session cookie stays here; an app that saw it could act for its visitor elsewhere.
# Two of them are no session, and then no cookie passes at all.
map $http_cookie $doorward_cookie {
    default                                       $http_cookie;
    "~(?:^|;)\\s*${cookie}=.*;\\s*${cookie}="  '';
    "~^(?<doorward_before>(?:.*;)?)\\s*${cookie}=[^;]*(?:;\\s*|$)(?<doorward_after>.*)$"  $doorward_before$doorward_after;
}
`;
}

function portalServer(plan: ProxyPlan, port: number, hosts: readonly string[]): string {
  return `# The portal: where people sign in.
server {
${listen(plan, port, hosts)}
    location / {
${toDoorward('        ')}
        proxy_pass http://doorward;
    }
}
`;
}

function appServer(plan: ProxyPlan, app: App, port: number, hosts: readonly string[]): string {
  if (app.isBundled) return bundledServer(plan, app, port, hosts);
  return `# ${app.id}
server {
${listen(plan, port, hosts)}
    client_max_body_size 0;  # the app decides how much it takes

    # May this request pass? Asked before each one, without its body.
    location = /.doorward/check {
        internal;
        proxy_pass http://doorward/.doorward/check/nginx;
${question('        ')}
    }

    # The whole answer for those who may not: to the sign-in page, as JSON, or a page that says why.
    location @doorward {
        # Allowed already, so the fault is nginx's own: asking again would lead in circles.
        if ($doorward_answer ~ "200$") {
            return 500;
        }
        rewrite ^ /.doorward/check/nginx?answer=whole? break;
        proxy_pass http://doorward;
        proxy_method GET;
${question('        ')}
    }

    # Doorward's own pages on this host, such as sign-out; checks are asked from here only.
    location /.doorward/ {
${toDoorward('        ')}
        proxy_pass http://doorward;
    }
    location /.doorward/check/ {
        return 404;
    }

    location / {
        auth_request /.doorward/check;
        error_page 401 403 500 = @doorward;
        auth_request_set $doorward_answer $upstream_status;
${plan.identity.map((name) => `        auth_request_set $doorward_${identifier(name)} $upstream_http_${identifier(name)};`).join('\n')}

${plan.identity.map((name) => `        proxy_set_header ${name} $doorward_${identifier(name)};`).join('\n')}
        # Other spellings that some apps read as the same header.
${plan.forgeries.map((name) => `        proxy_set_header ${name} "";`).join('\n')}
        proxy_set_header Cookie $doorward_cookie;

${toApp(app)}
    }
}
`;
}

/** A bundled app lives inside Doorward, which guards it by itself. */
function bundledServer(plan: ProxyPlan, app: App, port: number, hosts: readonly string[]): string {
  return `# ${app.id}: bundled with Doorward, which proxies to it by itself.
server {
${listen(plan, port, hosts)}
    location / {
${toDoorward('        ')}
        proxy_pass http://doorward;
    }
}
`;
}

function toApp(app: App): string {
  const scheme = app.upstream?.scheme ?? 'http';
  // With a base path the original target is appended as it came: nginx must not decode it.
  const base =
    app.upstream === null || app.upstream.base === '' ? '' : `${app.upstream.base}$request_uri`;
  const host = app.preserveHost || app.upstream === null ? '$http_host' : app.upstream.authority;
  const lines = [
    `proxy_pass ${scheme}://${upstreamName(app)}${base};`,
    'proxy_http_version 1.1;',
    `proxy_set_header Host ${host};`,
    'proxy_set_header X-Forwarded-For $remote_addr;',
    'proxy_set_header X-Forwarded-Proto $scheme;',
    'proxy_set_header X-Forwarded-Host $http_host;',
    'proxy_set_header Upgrade $http_upgrade;',
    'proxy_set_header Connection $doorward_connection;',
    'proxy_read_timeout 1h;  # quiet websockets and event streams',
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

/** A check: what was asked for, from where; no other proxy's voice beside it. */
function question(indent: string): string {
  return [
    'proxy_http_version 1.1;',
    'proxy_pass_request_body off;',
    'proxy_set_header Content-Length "";',
    'proxy_set_header Connection "";',
    'proxy_set_header Host $http_host;',
    'proxy_set_header X-Original-URL $scheme://$http_host$request_uri;',
    'proxy_set_header X-Original-Method $request_method;',
    'proxy_set_header X-Forwarded-For $remote_addr;',
    ...[
      'X-Forwarded-Proto',
      'X-Forwarded-Host',
      'X-Forwarded-Uri',
      'X-Forwarded-Method',
      'X-Auth-Request-Redirect',
    ].map((name) => `proxy_set_header ${name} "";`),
    'proxy_buffer_size 32k;  # identity headers can be long',
    'proxy_buffers 8 32k;',
    'proxy_busy_buffers_size 64k;',
  ]
    .map((line) => indent + line)
    .join('\n');
}

/** A request for Doorward's own pages. */
function toDoorward(indent: string): string {
  return [
    'proxy_http_version 1.1;',
    'proxy_set_header Host $http_host;',
    'proxy_set_header Connection $doorward_connection;',
    'proxy_set_header Upgrade $http_upgrade;',
    'proxy_set_header X-Forwarded-For $remote_addr;',
    'proxy_set_header X-Forwarded-Proto $scheme;',
    'proxy_set_header X-Forwarded-Host $http_host;',
    ...['X-Forwarded-Uri', 'X-Forwarded-Method', ...OTHER_VOICES].map(
      (name) => `proxy_set_header ${name} "";`,
    ),
    'proxy_buffer_size 32k;',
    'proxy_buffers 8 32k;',
    'proxy_busy_buffers_size 64k;',
  ]
    .map((line) => indent + line)
    .join('\n');
}

function listen(plan: ProxyPlan, port: number, hosts: readonly string[]): string {
  const names = `    server_name ${hosts.join(' ')};`;
  if (plan.scheme === 'http') return `    listen ${port};\n${names}\n`;
  return `    listen ${port} ssl;
${names}
    # Change these two.
    ssl_certificate /etc/nginx/tls/fullchain.pem;
    ssl_certificate_key /etc/nginx/tls/privkey.pem;
`;
}

function upstreamName(app: App): string {
  return `doorward_app_${identifier(app.id)}`;
}
