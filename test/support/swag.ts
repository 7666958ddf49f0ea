/** SWAG: nginx with the surrounding file of LinuxServer.io's image and the generated one in its folder. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Front } from './fronts.ts';
import { startNginx } from './nginx.ts';
import { isLeftOut } from './packages.ts';

/** The container, whose folder /config is one of the test. */
export const swagFront: Front = {
  generator: 'swag',
  isHere: () => !isLeftOut('nginx'),
  start({ dir, port, text }) {
    const confs = join(dir, 'config/nginx/proxy-confs');
    mkdirSync(confs, { recursive: true });
    writeFileSync(join(dir, 'config/nginx/resolver.conf'), 'resolver 127.0.0.1 valid=30s;\n');
    writeFileSync(
      join(confs, 'doorward.subdomain.conf'),
      text
        .replaceAll(/\blisten (?=\d)/g, 'listen 127.0.0.1:')
        .replaceAll(/\blisten \[::\]:.*;\n/g, '\n')
        .replaceAll('/config/', `${dir}/config/`),
    );
    writeFileSync(join(confs, 'wiki.subdomain.conf'), otherApp(port));
    writeFileSync(join(dir, 'nginx.conf'), surrounding(dir));
    return startNginx(dir, port);
  },
};

/** Another app of the operator, in the form of SWAG's samples: its name is a wildcard. */
function otherApp(port: number): string {
  return `server { listen 127.0.0.1:${port}; server_name app.* admin.* auth.*; location / { return 404; } }\n`;
}

function surrounding(dir: string): string {
  return `daemon off; pid nginx.pid; error_log stderr; worker_processes 1; pcre_jit on;
events { worker_connections 1024; }
http {
  default_type application/octet-stream; access_log off;
  server_tokens off; client_max_body_size 0; sendfile on; tcp_nopush on; gzip_vary on;
  map $http_upgrade $connection_upgrade { default upgrade; '' close; }
  client_body_temp_path body; proxy_temp_path proxy;
  fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
  proxy_cache_path ${dir}/cache keys_zone=lsio-proxy:1m;
  include ${dir}/config/nginx/proxy-confs/*.subdomain.conf;
}`;
}
