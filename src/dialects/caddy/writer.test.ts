/** What `generate` writes. test/journeys/generated-proxies.test.ts shows that the real proxy accepts it. */
import { describe, expect, it } from 'vitest';
import { HTTP, SOCKET } from '../../../test/support/proxy-plans.ts';
import { writeConfig } from './writer.ts';

describe('a configuration for Caddy', () => {
  it('deletes our headers in every spelling before the check', () => {
    const text = writeConfig(HTTP);
    for (const name of ['-Remote-User*', '-X-Doorward-Jwt', '-*_*', '-*!*', '-X-WebAuth*']) {
      const at = text.indexOf(`\trequest_header ${name}\n`);
      expect([name, at > 0 && at < text.indexOf('forward_auth ')]).toEqual([name, true]);
    }
    expect(text).toContain('copy_headers Remote-User Remote-Groups Remote-Name Remote-Email');
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
});
