import { describe, expect, it } from 'vitest';
import { testLive } from '../../test/support/snapshot.ts';
import { createAssets } from './frame/assets.ts';
import { createPages } from './pages.ts';

const live = testLive();
const pages = createPages(live, createAssets(live), []);

/** What the page shows, without what it sends. */
function shown(name: string, value: string): string {
  const { text } = pages.errors.unsentPage({
    host: 'wiki.example.com',
    url: 'https://wiki.example.com/save',
    form: { enctype: 'multipart/form-data', fields: [{ name, value }] },
    sendUrl: '/.doorward/unsent?id=a',
    discardUrl: '/.doorward/unsent?id=a&discard=1',
    requestId: 'id',
    language: 'en',
  });
  expect(text).toContain('pr3cious');
  return text.replaceAll(/<input[^>]*>/g, '');
}

describe('the page of an unsent form', () => {
  it.each(
    [
      ['new_password', 'Passwort2', 'pin', 'user_pin', 'PIN2', 'tan', 'otp_1', 'api_key', 'apiKey'],
      ['private-key', 'card[number]', 'cvc', 'iban', '_csrf', 'authenticity_token', 'ssn'],
    ].flat(),
  )('does not show the value of %s', (name) => {
    expect(shown(name, 'pr3cious')).not.toContain('pr3cious');
  });

  it.each(['text', 'author', 'keyword', 'shipping', 'standard', 'Address', '__proto__'])(
    'shows the value of %s',
    (name) => {
      expect(shown(name, 'pr3cious')).toContain('<dd>pr3cious</dd>');
    },
  );

  it('shows markup and bidirectional controls as text of one field', () => {
    const value = '\u202epr3cious</dd><script>"\'&lt;';
    expect(shown('a"><b>', value)).toContain(
      '<dt>a&quot;&gt;&lt;b&gt;</dt><dd>\u202epr3cious&lt;/dd&gt;&lt;script&gt;&quot;&#39;&amp;lt;</dd>',
    );
  });
});
