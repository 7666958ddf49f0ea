/** What `generate` writes. test/journeys/generated-proxies.test.ts shows that the real proxy accepts it. */
import { describe, expect, it } from 'vitest';
import { HTTP, HTTPS, SOCKET } from '../../../test/support/proxy-plans.ts';
import { writeConfig } from './writer.ts';

describe('a configuration for nginx', () => {
  it('listens with TLS if the portal uses it', () => {
    expect(writeConfig(HTTPS)).toContain('listen 443 ssl http2;');
    expect(writeConfig(HTTP)).not.toContain('ssl_certificate ');
  });

  it('redirects each host from http to https', () => {
    expect(writeConfig(HTTPS)).toContain(
      'listen 80;\n    server_name wiki.example.com;\n    return 301 https://wiki.example.com$request_uri;',
    );
    expect(writeConfig(HTTP)).not.toContain('return 301');
  });

  it("writes the name of each block instead of the client's Host", () => {
    const text = writeConfig(HTTP);
    expect(text).not.toContain('http_host');
    expect(text).toContain(
      'proxy_set_header X-Original-URL $scheme://wiki.example.com:8080$request_uri;',
    );
    // nginx takes $host from where it took the name that chose the block.
    expect(text).toContain('proxy_set_header X-Original-URL $scheme://$host:8080$request_uri;');
    expect(writeConfig(HTTPS)).toContain('X-Original-URL $scheme://wiki.example.com$request_uri;');
  });

  it('has a block for hosts without a route', () => {
    expect(writeConfig(HTTP)).toContain('listen 8080 default_server;\n    server_name _;');
  });

  it('writes each identity header of ours, and clears every other spelling', () => {
    const text = writeConfig(HTTP);
    expect(text).toContain('proxy_set_header Remote-User $doorward_remote_user;');
    expect(text).toContain('proxy_set_header X-Doorward-Jwt $doorward_x_doorward_jwt;');
    expect(text).toContain('proxy_set_header Remote_User "";');
    expect(text).toContain('proxy_set_header X.Doorward_Jwt "";');
  });

  it('copies to each app its own headers, and clears those of the other apps', () => {
    const text = writeConfig(HTTP);
    const [wiki, elsewhere] = ['wiki', 'elsewhere'].map((id) => {
      const server = text.slice(text.indexOf(`\n# ${id}\n`));
      return /\n {4}location \/ \{[^]*?\n {4}\}/.exec(server)?.[0] ?? '';
    });
    expect(wiki).toContain('proxy_set_header Remote-User $doorward_remote_user;');
    expect(wiki).toContain('proxy_set_header X-WEBAUTH-USER "";');
    expect(wiki).not.toContain('$doorward_x_webauth');
    expect(elsewhere).toContain('proxy_set_header X-WEBAUTH-USER $doorward_x_webauth_user;');
    expect(elsewhere).toContain('proxy_set_header Remote-User "";');
    expect(elsewhere).not.toContain('$doorward_remote_user');
  });

  it('notes where the configuration has no upstream', () => {
    expect(writeConfig(HTTP)).toContain('Change this: config/doorward.yaml has no upstream');
  });

  it('removes every field of a client that the plan names', () => {
    const plan = { ...HTTP, removed: ['X-Shown-Certificate'] };
    expect(writeConfig(plan)).toContain('proxy_set_header X-Shown-Certificate "";');
  });

  it('UP-unix: connects to an app on a unix socket', () => {
    expect(writeConfig(SOCKET)).toContain('server unix:/run/app.sock;');
    expect(writeConfig(SOCKET)).toContain('proxy_set_header Host localhost;');
  });
});
