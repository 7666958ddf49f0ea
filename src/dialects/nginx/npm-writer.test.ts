/** What `generate npm` writes. test/hostile/npm-switches.test.ts shows how nginx behaves with it. */
import { describe, expect, it } from 'vitest';
import { HTTPS, SOCKET } from '../../../test/support/proxy-plans.ts';
import { writeNpm } from './npm-writer.ts';

/** What to paste into each Proxy Host, by its name. */
function parts(text: string): ReadonlyMap<string, string> {
  const [, ...found] = text.split(/^# ----- Proxy Host /m);
  return new Map(found.map((part) => [part.slice(0, part.indexOf(' ')), part]));
}

describe('what to paste into Nginx Proxy Manager', () => {
  const all = parts(writeNpm(HTTPS));

  it('is one part for the portal and for each host of an app', () => {
    const hosts = HTTPS.apps.flatMap((app) => app.hosts.map(({ host }) => host));
    expect([...all.keys()]).toEqual(['auth.example.com', ...hosts]);
  });

  it.each([...all])('%s: replaces the location that Nginx Proxy Manager would add', (_, part) => {
    // The test that Nginx Proxy Manager itself makes.
    expect(part).toMatch(/^(?:.*;)?\s*?location\s*?\/\s*?{/im);
  });

  it.each([...all])('%s: refuses every location that does not ask', (_, part) => {
    expect(part).toContain('\n    auth_request /.doorward/unchecked;');
    const off = part
      .split(/\n(?= {4}location )/)
      .filter((one) => one.includes('auth_request off;'));
    // Only Doorward's own paths, its reply to a refused request, and hosts that are Doorward's.
    for (const location of off) expect(location).toMatch(/proxy_pass \$doorward[;/]/);
  });

  it.each([...all])('%s: contains nothing that only http { } may contain', (_, part) => {
    expect(part).not.toMatch(/^\s*(?:map|upstream|server) /m);
  });

  it('repeats no directive of the switch "Websockets Support"', () => {
    for (const part of all.values()) expect(part).not.toMatch(/^ {4}proxy_(?:set_h|http_v)/m);
  });

  it('leaves the address of the app to the form, and names it', () => {
    const wiki = all.get('wiki.example.com') ?? '';
    expect(wiki).toContain('# Forward to http://127.0.0.1:9001\n');
    expect(wiki).toContain('proxy_pass $forward_scheme://$server:$port;');
    expect(wiki).not.toContain('proxy_pass http');
    expect(all.get('base.example.com')).toContain(
      'proxy_pass $forward_scheme://$server:$port/deep/er$request_uri;',
    );
    expect(all.get('elsewhere.example.com')).toContain('# Change this: ');
  });

  it('forwards to Doorward what only Doorward serves', () => {
    for (const part of [
      all.get('whoami.example.com'),
      parts(writeNpm(SOCKET)).get('wiki.example.com'),
    ]) {
      expect(part).toContain('# Forward to http://127.0.0.1:4747\n');
      expect(part).toContain('proxy_pass $doorward;');
    }
  });

  it('lets no peer choose its address', () => {
    for (const part of all.values()) expect(part).toContain('set_real_ip_from unix:;');
  });
});
