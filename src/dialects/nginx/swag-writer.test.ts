/** What `generate swag` writes. The hostile suites run it in nginx. */
import { describe, expect, it } from 'vitest';
import { HTTP, HTTPS, SOCKET } from '../../../test/support/proxy-plans.ts';
import { writeSwag } from './swag-writer.ts';

describe('a file for SWAG', () => {
  it("uses SWAG's certificate, and leaves the redirect to HTTPS to SWAG", () => {
    const servers = writeSwag(HTTPS).split('\nserver {').slice(1);
    expect(servers.length).toBeGreaterThan(1);
    for (const server of servers) expect(server).toContain('include /config/nginx/ssl.conf;');
    expect(writeSwag(HTTPS)).not.toMatch(/ssl_certificate|listen 80;/);
    expect(writeSwag(HTTP)).not.toContain('ssl.conf');
  });

  it('has a default server only for ports that SWAG itself does not use', () => {
    expect(writeSwag(HTTPS)).not.toContain('default_server');
    expect(writeSwag(HTTP)).toContain('listen 8080 default_server;');
  });

  it('contains addresses in variables alone, so that nginx starts without the apps', () => {
    for (const plan of [HTTP, HTTPS]) {
      const text = writeSwag(plan);
      expect(text).not.toMatch(/^upstream /m);
      expect(text).not.toMatch(/proxy_pass http/);
    }
    expect(writeSwag(HTTPS)).toContain('set $doorward_app https://127.0.0.1:443;');
  });

  it('lets nginx append no query to a variable', () => {
    expect(writeSwag(HTTPS)).toContain('proxy_pass $doorward/.doorward/sign-out$is_args$args;');
  });

  it('passes an app on a socket of this machine on to Doorward', () => {
    expect(writeSwag(SOCKET)).not.toContain('/run/app.sock');
  });
});
