/** What `generate` writes. test/journeys/generated-haproxy.test.ts shows that HAProxy accepts it. */
import { describe, expect, it } from 'vitest';
import { HTTP, HTTPS, SOCKET } from '../../../test/support/proxy-plans.ts';
import { writeConfig } from './writer.ts';

/** The lines of a section, without their indentation. */
function section(text: string, name: string): readonly string[] {
  const found = text.split(/\n(?=\S)/).find((part) => part.startsWith(name)) ?? '';
  return found.split('\n').map((line) => line.trim());
}

describe('a configuration for HAProxy', () => {
  it('listens with TLS and redirects from http if the portal uses https', () => {
    expect(section(writeConfig(HTTPS), 'frontend doorward_443 ')[2]).toMatch(/^bind :443 ssl crt /);
    expect(section(writeConfig(HTTPS), 'frontend doorward_redirect ')).toContain('bind :80');
    expect(writeConfig(HTTP)).not.toContain('bind :80\n');
  });

  it('refuses what the check has not allowed, before any rule of an app', () => {
    const lines = section(writeConfig(HTTP), 'defaults doorward_app ');
    const check = lines.findIndex((line) => line.startsWith('http-request lua.doorward_check '));
    expect(lines.slice(check + 1).filter((line) => line.startsWith('http-request'))).toEqual([
      'http-request return status 503 unless { var(txn.doorward_allowed) -m bool }',
    ]);
    const backends = writeConfig(HTTP).match(/^backend doorward_app_.*$/gm) ?? [];
    expect(backends).toHaveLength(4);
    for (const backend of backends) expect(backend).toMatch(/ from doorward_app$/);
  });

  it('removes and sets every field before the check', () => {
    const lines = section(writeConfig(HTTP), 'defaults doorward_app ');
    const check = lines.findIndex((line) => line.startsWith('http-request lua.'));
    const after = lines.slice(check).filter((line) => /-header (?!Set-Cookie|Clear)/.test(line));
    expect([check > 20, after]).toEqual([true, []]);
  });

  it('prefers an exact name to a wildcard', () => {
    const lines = section(writeConfig(HTTP), 'frontend doorward_8080 ');
    const names = lines.filter((line) => line.includes('set-var(txn.doorward_backend)'));
    expect(names[0]).toContain('doorward_app_far_away');
    expect(names[0]).toContain(' -m reg ');
    expect(names.slice(1).every((line) => line.includes(' -m str '))).toBe(true);
  });

  it('adds the base path to the target as it was sent', () => {
    expect(section(writeConfig(HTTP), 'backend doorward_app_base ')).toContain(
      'http-request set-pathq "/deep/er%[pathq]"',
    );
  });

  it('verifies the certificate of an app under its own name', () => {
    expect(writeConfig(HTTP)).toMatch(
      /server app 127\.0\.0\.1:443 ssl verify required .*verifyhost/,
    );
  });

  it('removes every field of a client that the plan names', () => {
    const plan = { ...HTTP, removed: ['X-Shown-Certificate'] };
    expect(writeConfig(plan)).toMatch(/del-header '\^\(\?:[^']*x-shown-certificate\)\$' -m reg/);
  });

  it('UP-unix: connects to an app on a unix socket', () => {
    expect(writeConfig(SOCKET)).toContain('server app unix@/run/app.sock');
  });
});
