/** The banner of a gateway. */
import { describe, expect, it } from 'vitest';
import { type BannerFacts, banner } from './banner.ts';

const FACTS: BannerFacts = {
  version: '0.1.0',
  startedIn: 379.6,
  state: 'embedded state in ./data, no Redis needed',
  portal: 'http://auth.demo.localhost:4747',
  apps: [
    { kind: 'Demo app', url: 'http://whoami.demo.localhost:4747', note: 'protected' },
    { kind: 'Demo app', url: 'http://notes.demo.localhost:4747', note: 'administrators only' },
  ],
  admin: null,
  mail: null,
  setUp: null,
  firstUsers: [
    {
      name: 'admin',
      password: 'plum-otter-canvas-41',
      note: 'administrator',
    },
    { name: 'ann', password: null, note: 'regular user: try the notes app' },
  ],
  firstUsersFile: './data/first-sign-in.txt',
  tty: false,
};

describe('the banner', () => {
  it('says on one screen where to go and how to sign in', () => {
    expect(banner(FACTS)).toBe(`
  doorward 0.1.0  ready in 380 ms   embedded state in ./data, no Redis needed

  Portal    http://auth.demo.localhost:4747
  Demo app  http://whoami.demo.localhost:4747   protected
  Demo app  http://notes.demo.localhost:4747    administrators only

  Sign in   admin / plum-otter-canvas-41   created on first start, stored in ./data/first-sign-in.txt (0600)
            ann   / (in that file)         regular user: try the notes app

`);
  });

  it('names the file if the passwords were shown before', () => {
    const firstUsers = [{ name: 'admin', password: null, note: '' }];
    expect(banner({ ...FACTS, firstUsers })).toContain('admin / (in ./data/first-sign-in.txt)\n');
  });

  it('has one line for the first administrator', () => {
    const setUp = 'https://auth.example.com/flow/first-run?invitation=TOKEN';
    expect(banner({ ...FACTS, firstUsers: [], setUp })).toContain(
      `\n\n  Set up    ${setUp}   creates the first administrator; valid once, for 24 hours\n`,
    );
  });

  it('says where emails are stored if there is no mail server', () => {
    expect(banner({ ...FACTS, mail: './data/mail' })).toMatch(
      /\n {2}Mail {6}written to \.\/data\/mail, not sent\n/,
    );
  });

  it('has no sign-in lines if no users were created', () => {
    expect(banner({ ...FACTS, firstUsers: [] })).not.toContain('Sign in');
  });

  it('stays short with many apps', () => {
    const apps = Array.from({ length: 500 }, (_, i) => ({
      kind: 'App',
      url: `https://a${i}.test`,
      note: '',
    }));
    const text = banner({ ...FACTS, apps });
    expect(text.split('\n').length).toBeLessThan(20);
    expect(text).toContain('and 492 more');
  });

  it('is colored on a terminal only', () => {
    expect(banner(FACTS)).not.toContain('\u001b');
    expect(banner({ ...FACTS, tty: true })).toContain('\u001b[1mplum-otter-canvas-41');
  });
});
