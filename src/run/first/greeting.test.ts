/** The greeting of a real configuration: what it says about each app is what would be decided. */
import { describe, expect, it } from 'vitest';
import { linkedOf, loadText } from '../../../test/support/configuration.ts';
import { greeting, type Surroundings } from './greeting.ts';

const CONFIG = `public_url: http://auth.demo.localhost:4747
session: { cookie_domains: [demo.localhost] }
data_dir: ./data
routes:
  - { id: whoami, host: whoami.demo.localhost, upstream: "http://127.0.0.1:9001" }
  - { id: notes, host: notes.demo.localhost, upstream: "http://127.0.0.1:9002", policies: [{ type: group, any: [admins] }] }
  - { id: open, host: "*.demo.localhost", paths: [{ path: /, public: true }] }
  - { id: office, host: office.demo.localhost:8443, policies: [{ type: network, any: [192.0.2.0/24] }] }
`;
const ADMIN = { name: 'admin', password: 'plum-otter-canvas-41', note: 'administrator' };

async function greetingOf(demoOrigins: readonly string[], config = CONFIG): Promise<string> {
  const { settings, snapshot } = linkedOf(await loadText(config));
  const cwd = settings.dataDir.replace(/\/data$/, '');
  const around: Surroundings = { tty: false, cwd, now: 379.6, demoOrigins, setUp: null };
  return greeting(settings, snapshot, demoOrigins.length > 0 ? [ADMIN] : [], around);
}

describe('the greeting', () => {
  it('names each app, its URL and who may open it', async () => {
    const text = await greetingOf([]);
    for (const line of [
      /ready in 380 ms {3}embedded state in \.\/data, no Redis needed/,
      /Portal +http:\/\/auth\.demo\.localhost:4747\n/,
      /App +http:\/\/whoami\.demo\.localhost:4747 +protected\n/,
      /App +http:\/\/notes\.demo\.localhost:4747 +administrators only\n/,
      /App +http:\/\/\*\.demo\.localhost:4747 +public\n/,
      /App +http:\/\/office\.demo\.localhost:8443 +by rule\n/,
      /Admin +http:\/\/127\.0\.0\.1:9464 /,
    ]) {
      expect(text).toMatch(line);
    }
    expect(text).not.toContain('Sign in');
  });

  it('shows where emails are stored with the demo apps, unless they are sent', async () => {
    const demos = ['http://127.0.0.1:9001', 'http://127.0.0.1:9002'];
    expect(await greetingOf(demos)).toMatch(/Mail +written to \.\/data\/mail, not sent\n/);
    const sent = `${CONFIG}mail: { type: smtp, host: 127.0.0.1, from: a@example.com }\n`;
    expect(await greetingOf(demos, sent)).not.toContain('Mail');
    expect(await greetingOf([])).not.toContain('Mail');
  });

  it('has three addresses and a password with the demo apps', async () => {
    const text = await greetingOf(['http://127.0.0.1:9001', 'http://127.0.0.1:9002']);
    expect(text.match(/Demo app/g)).toHaveLength(2);
    expect(text).not.toContain('9464');
    expect(text).toContain(
      'admin / plum-otter-canvas-41   created on first start, stored in ./data/first-sign-in.txt (0600)',
    );
  });
});
