/** What `generate` writes. test/journeys/generated-proxies.test.ts shows that the real proxy accepts it. */
import { describe, expect, it } from 'vitest';
import { HTTP, SOCKET } from '../../../test/support/proxy-plans.ts';
import { writeConfig } from './writer.ts';

const SHOP = 'https://shop.example.com';

describe('a configuration for Caddy', () => {
  it('deletes our headers in every spelling before the check', () => {
    const text = writeConfig(HTTP);
    for (const name of ['-Remote-User*', '-X-Doorward-Jwt', '-*_*', '-*!*', '-X-WebAuth*']) {
      const at = text.indexOf(`\trequest_header ${name}\n`);
      expect([name, at > 0 && at < text.indexOf('forward_auth ')]).toEqual([name, true]);
    }
    expect(text).toContain('copy_headers Remote-User Remote-Groups Remote-Name Remote-Email');
  });

  it("copies to each app its own headers, and deletes everyone's from clients", () => {
    const text = writeConfig(HTTP);
    const site = (id: string) => text.slice(text.indexOf(`\n# ${id}\n`));
    expect(/import (doorward_check\S*)/.exec(site('wiki'))?.[1]).toBe('doorward_check');
    expect(/import (doorward_check\S*)/.exec(site('elsewhere'))?.[1]).toBe('doorward_check-2');
    // Caddy finds a header of the reply only as Go spells it.
    expect(text).toMatch(
      /\(doorward_check-2\) \{[^]*?copy_headers X-Webauth-User X-Webauth-Email X-Webauth-Name X-Webauth-Fullname X-Webauth-Groups X-Request-Id\n/,
    );
    for (const name of HTTP.identity.filter((one) => !one.startsWith('Remote-'))) {
      expect(text).toContain(`request_header -${name}\n`);
    }
  });

  it("sends checks without the client's Upgrade", () => {
    expect(writeConfig(HTTP)).toMatch(
      /forward_auth [^}]*header_up -Connection\n\t+header_up -Upgrade\n/,
    );
  });

  it('removes every field of a client that the plan names', () => {
    const plan = { ...HTTP, removed: ['X-Shown-Certificate'] };
    expect(writeConfig(plan)).toContain('request_header -X-Shown-Certificate\n');
  });

  it('UP-unix: connects to an app on a unix socket', () => {
    expect(writeConfig(SOCKET)).toContain('reverse_proxy unix//run/app.sock {');
  });

  it('sends preflights of listed origins to Doorward itself, and none to a check path', () => {
    const plan = { ...HTTP, apps: HTTP.apps.map((app) => ({ ...app, preflightOrigins: [SHOP] })) };
    const text = writeConfig(plan);
    expect(text).toContain(`header Origin ${SHOP}\n\t\tnot path /.doorward/*\n`);
    expect(text).toMatch(/handle @doorward_preflight \{\n[^}]*import doorward_own\n/);
    expect(writeConfig(HTTP)).not.toContain('preflight');
  });
});
