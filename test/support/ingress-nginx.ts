/**
 * nginx with the server blocks that the controller ingress-nginx makes of Ingress objects: what its
 * template sends with a check and to an app, in the controller's default settings. A Service is a
 * port of this machine.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { Front } from './fronts.ts';
import { startNginx } from './nginx.ts';
import { isLeftOut } from './packages.ts';

interface Ingress {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: { readonly rules: readonly Rule[] };
}

interface Rule {
  readonly host: string;
  readonly http: {
    readonly paths: readonly {
      readonly path: string;
      readonly pathType: string;
      readonly backend: { readonly service: { readonly port: { readonly number: number } } };
    }[];
  };
}

/** The controller with the manifests that `generate` printed. */
export const ingressNginxFront: Front = {
  generator: 'ingress-nginx',
  isHere: () => !isLeftOut('nginx'),
  start({ dir, port, text }) {
    const ingresses = parseAllDocuments(text).map((document) => document.toJS() as Ingress);
    writeFileSync(join(dir, 'nginx.conf'), controllerConfig(ingresses, port));
    return startNginx(dir, port);
  },
};

function controllerConfig(ingresses: readonly Ingress[], port: number): string {
  const locations = new Map<string, string[]>();
  for (const ingress of ingresses) {
    for (const rule of ingress.spec.rules) {
      const known = locations.get(rule.host) ?? [];
      locations.set(rule.host, [...known, ...locationsOf(ingress, rule, locations.size)]);
    }
  }
  const servers = [...locations].map(
    ([host, blocks]) => `server {
      listen 127.0.0.1:${port}; server_name ${host};
      ${blocks.join('\n')}
    }`,
  );
  return `daemon off; pid nginx.pid; error_log stderr; worker_processes 1;
events { worker_connections 1024; }
http {
  access_log off; client_body_temp_path body; proxy_temp_path proxy;
  fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
  underscores_in_headers off; ignore_invalid_headers on; merge_slashes on;
  map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
  map $http_x_request_id $req_id { default $http_x_request_id; '' $request_id; }
  proxy_headers_hash_max_size 512; proxy_headers_hash_bucket_size 64;
  variables_hash_max_size 2048; server_names_hash_bucket_size 128; server_names_hash_max_size 2048;
  server { listen 127.0.0.1:${port} default_server; server_name _; return 404; }
  ${servers.join('\n')}
}`;
}

function locationsOf({ metadata }: Ingress, { host, http }: Rule, at: number): string[] {
  const found = Object.entries(metadata.annotations ?? {});
  const notes = new Map(found.map(([name, value]) => [name.replace(/^.*\//, ''), value]));
  return http.paths.flatMap(({ path, pathType, backend }, index) => {
    const id = `${at}-${index}`;
    const url = notes.get('auth-url');
    const asks = url === undefined ? '' : checked(notes, id);
    const app = `location ${pathType === 'Exact' ? '= ' : ''}${path} {
      set $pass_access_scheme $scheme; set $best_http_host $http_host;
      ${asks}
      client_max_body_size ${notes.get('proxy-body-size') ?? '1m'};
      proxy_set_header Host ${notes.get('upstream-vhost') ?? '$best_http_host'};
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
      proxy_set_header X-Request-ID $req_id;
      proxy_set_header X-Real-IP $remote_addr;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header X-Forwarded-Host $best_http_host;
      proxy_set_header X-Forwarded-Port $server_port;
      proxy_set_header X-Forwarded-Proto $pass_access_scheme;
      proxy_set_header X-Forwarded-Scheme $pass_access_scheme;
      proxy_set_header X-Original-URI $request_uri;
      proxy_set_header X-Scheme $pass_access_scheme;
      proxy_set_header X-Original-Forwarded-For $http_x_forwarded_for;
      proxy_set_header X-Original-Forwarded-Host $http_x_forwarded_host;
      proxy_set_header Proxy "";
      ${buffers(notes)}
      proxy_pass http://127.0.0.1:${backend.service.port.number};
    }`;
    return url === undefined ? [app] : [app, ...asking(notes, { id, url, host })];
  });
}

/** How the location of an app asks. */
function checked(notes: ReadonlyMap<string, string>, id: string): string {
  const headers = (notes.get('auth-response-headers') ?? '').split(',');
  const copies = headers.map((name, i) => {
    const variable = name.toLowerCase().replaceAll('-', '_');
    return `auth_request_set $authHeader${i} $upstream_http_${variable};
      proxy_set_header '${name}' $authHeader${i};`;
  });
  return `auth_request /_external-auth-${id};
      auth_request_set $auth_cookie $upstream_http_set_cookie;
      add_header Set-Cookie $auth_cookie;
      ${copies.join('\n      ')}
      error_page 401 = @sign-in-${id};`;
}

/** Where it asks, and where it sends the client after a 401. */
function asking(
  notes: ReadonlyMap<string, string>,
  { id, url, host }: { readonly id: string; readonly url: string; readonly host: string },
): string[] {
  // The controller escapes $request_uri with a module that Debian's nginx lacks.
  const signIn = `${notes.get('auth-signin')}?rd=$pass_access_scheme://$http_host$request_uri`;
  return [
    `location = /_external-auth-${id} {
      internal;
      proxy_intercept_errors off; proxy_pass_request_body off;
      proxy_set_header Content-Length "";
      proxy_set_header X-Forwarded-Proto "";
      proxy_set_header X-Request-ID $req_id;
      proxy_set_header Host ${new URL(url).host};
      proxy_set_header X-Original-URL $scheme://$http_host$request_uri;
      proxy_set_header X-Original-Method $request_method;
      proxy_set_header X-Sent-From "nginx-ingress-controller";
      proxy_set_header X-Real-IP $remote_addr;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header X-Auth-Request-Redirect $request_uri;
      client_max_body_size ${notes.get('proxy-body-size') ?? '1m'};
      ${buffers(notes)}
      set $target "${url}";  # of ${host}
      proxy_pass $target;
    }`,
    `location @sign-in-${id} { internal; add_header Set-Cookie $auth_cookie; return 302 ${signIn}; }`,
  ];
}

function buffers(notes: ReadonlyMap<string, string>): string {
  const size = notes.get('proxy-buffer-size') ?? '4k';
  return `proxy_http_version 1.1; proxy_buffering off; proxy_buffer_size ${size}; proxy_buffers 4 ${size};
      proxy_request_buffering ${notes.get('proxy-request-buffering') ?? 'on'};`;
}
