/**
 * Nginx Proxy Manager: nginx with the server blocks that its template makes of Proxy Hosts. The test
 * does what the generated text asks of the operator: it fills in the form and pastes.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Front } from './fronts.ts';
import { startNginx } from './nginx.ts';
import { isLeftOut } from './packages.ts';

/** Switches of a Proxy Host, all of them. */
interface Switches {
  readonly cachesAssets: boolean;
  readonly blocksExploits: boolean;
  readonly upgradesWebsockets: boolean;
  /** A path that the operator sends elsewhere; null for none. */
  readonly customLocation: string | null;
}

/** Proxy Hosts with the switches that the generated text allows. */
export const npmFront: Front = npmFrontWith({
  cachesAssets: false,
  blocksExploits: false,
  upgradesWebsockets: true,
  customLocation: null,
});

/** The same with other switches. */
export function npmFrontWith(switches: Switches): Front {
  return {
    generator: 'npm',
    isHere: () => !isLeftOut('nginx'),
    start({ dir, port, text }) {
      const hosts = [
        ...text.matchAll(/^# ----- Proxy Host (\S+) -----\n([^]*?)(?=^# -----|$(?![^]))/gm),
      ];
      const blocks = hosts.map(([, name = '', pasted = '']) => {
        const [, scheme = '', host = '', at = ''] =
          /^# Forward to (https?):\/\/(.+):(\d+)$/m.exec(pasted) ?? [];
        if (at === '') throw new Error(`nothing says where ${name} is forwarded to`);
        return proxyHost({ name, pasted, scheme, host, at, port }, switches);
      });
      writeFileSync(join(dir, 'nginx.conf'), surrounding(blocks.join('\n'), { dir, port }));
      return startNginx(dir, port);
    },
  };
}

/** The `proxy.conf` that each location of NPM includes. */
const PROXY = `add_header X-Served-By $host;
    proxy_set_header Host $host;
    proxy_set_header X-Forwarded-Scheme $x_forwarded_scheme;
    proxy_set_header X-Forwarded-Proto $x_forwarded_proto;
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    proxy_set_header X-Real-IP $remote_addr;
    proxy_pass $forward_scheme://$server:$port$request_uri;`;

interface ProxyHostForm {
  readonly name: string;
  readonly pasted: string;
  readonly scheme: string;
  readonly host: string;
  readonly at: string;
  readonly port: number;
}

function proxyHost(form: ProxyHostForm, switches: Switches): string {
  const { name, pasted, scheme, host, at, port } = form;
  const websockets = switches.upgradesWebsockets
    ? `proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection $http_connection;
    proxy_http_version 1.1;`
    : '';
  const assets = switches.cachesAssets
    ? `location ~* ^.*\\.(css|js|jpe?g|gif|png|webp|woff|woff2|eot|ttf|svg|ico|css\\.map|js\\.map)$ {
    proxy_cache assets; proxy_cache_key $host$request_uri; proxy_cache_valid any 30m;
    ${PROXY}
  }`
    : '';
  const exploits = switches.blocksExploits
    ? `set $block_common_exploits 0;
  if ($query_string ~ "proc/self/environ") { set $block_common_exploits 1; }
  if ($block_common_exploits = 1) { return 403; }`
    : '';
  const custom =
    switches.customLocation === null
      ? ''
      : `location ${switches.customLocation} {
    proxy_set_header Host $host;
    proxy_set_header X-Forwarded-Scheme $scheme;
    proxy_set_header X-Forwarded-Proto $scheme;
    proxy_set_header X-Forwarded-For $remote_addr;
    proxy_set_header X-Real-IP $remote_addr;
    proxy_pass ${scheme}://${host}:${at};
    ${websockets}
  }`;
  // NPM's own test of the advanced configuration.
  const isDefault = !/^(?:.*;)?\s*?location\s*?\/\s*?{/im.test(pasted);
  return `server {
  set $forward_scheme ${scheme};
  set $server         "${host}";
  set $port           ${at};
  listen 127.0.0.1:${port};
  server_name ${name};
  ${assets}
  ${exploits}
  ${websockets}
  access_log off;
${pasted}
  ${custom}
  ${isDefault ? `location / { ${websockets} ${PROXY} }` : ''}
}`;
}

/**
 * NPM's nginx.conf, with its default host. It believes X-Real-IP of all private networks; here,
 * the loopback network, in which the tests' clients are, is one of them.
 */
function surrounding(servers: string, { dir, port }: { dir: string; port: number }): string {
  return `daemon off; pid nginx.pid; error_log stderr warn; worker_processes 1; pcre_jit on;
events { worker_connections 1024; }
http {
  client_body_temp_path body; proxy_temp_path proxy;
  fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
  default_type application/octet-stream; sendfile on; server_tokens off; tcp_nopush on; tcp_nodelay on;
  keepalive_timeout 90s; proxy_connect_timeout 90s; proxy_send_timeout 90s; proxy_read_timeout 90s;
  gzip on; proxy_ignore_client_abort off; client_max_body_size 2000m; server_names_hash_bucket_size 1024;
  proxy_http_version 1.1;
  proxy_set_header X-Forwarded-Scheme $scheme;
  proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
  proxy_set_header Accept-Encoding "";
  proxy_cache off;
  proxy_cache_path ${dir}/cache levels=1:2 keys_zone=assets:1m;
  map $host $forward_scheme { default http; }
  map $http_x_forwarded_proto $x_forwarded_proto { "http" "http"; "https" "https"; default $scheme; }
  map $http_x_forwarded_scheme $x_forwarded_scheme { "http" "http"; "https" "https"; default $scheme; }
  set_real_ip_from 127.0.0.0/8;
  real_ip_header X-Real-IP;
  real_ip_recursive on;
  server { listen 127.0.0.1:${port}; server_name localhost-nginx-proxy-manager; location / { return 404; } }
${servers}
}`;
}
