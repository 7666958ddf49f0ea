import { describe, expect, it } from 'vitest';
import type { Field } from '../../core/flow/challenge.ts';
import { contentSecurityPolicy } from './csp.ts';

const portalOrigin = 'https://auth.example.com';

describe('the content security policy', () => {
  it('lets a form lead to the portal and to the waiting app, and nowhere else', () => {
    const formTargets = ['https://wiki.example.com/page?a=1', null];
    expect(contentSecurityPolicy({ portalOrigin, formTargets })).toBe(
      "default-src 'none'; style-src https://auth.example.com; img-src https://auth.example.com; " +
        "script-src https://auth.example.com; form-action 'self' https://wiki.example.com; " +
        "base-uri 'none'; frame-ancestors 'none'",
    );
  });

  it('allows neither script nor form on pages that have none', () => {
    const policy = contentSecurityPolicy({ portalOrigin, formTargets: null });
    expect(policy).not.toContain('script-src');
    expect(policy).toContain("form-action 'none'");
  });

  it('names each target once and never the portal twice', () => {
    const formTargets = ['https://a.example.com/1', 'https://a.example.com/2', `${portalOrigin}/`];
    expect(contentSecurityPolicy({ portalOrigin, formTargets })).toContain(
      "form-action 'self' https://a.example.com;",
    );
  });

  it.each([
    'javascript:alert(1)',
    "https://x.example; script-src 'unsafe-inline'",
    'data:text/html,x',
    '*',
    'https:',
    '',
    "'unsafe-inline'",
  ])('leaves out %j, which is no web origin', (target) => {
    const policy = contentSecurityPolicy({ portalOrigin, formTargets: [target] });
    expect(policy).toBe(contentSecurityPolicy({ portalOrigin, formTargets: [] }));
  });

  it('never allows anything inline', () => {
    for (const formTargets of [null, [], ['https://a.example.com']]) {
      expect(contentSecurityPolicy({ portalOrigin, formTargets })).not.toContain('unsafe');
    }
  });

  it.each([
    ['turnstile', 'https://challenges.cloudflare.com'],
    ['hcaptcha', 'https://*.hcaptcha.com'],
    ['recaptcha', 'https://www.google.com/recaptcha/'],
  ] as const)('admits %s on the page that needs it, and nowhere else', (provider, origin) => {
    const captcha: Field = {
      kind: 'captcha',
      name: 'captcha',
      provider,
      siteKey: 'key',
      label: { literal: 'Check' },
    };
    const policy = contentSecurityPolicy({ portalOrigin, formTargets: [], fields: [captcha] });
    expect(policy).toMatch(new RegExp(`script-src ${portalOrigin}[^;]* ${escaped(origin)}`));
    expect(policy).toMatch(new RegExp(`frame-src [^;]*${escaped(origin)}`));
    expect(policy).not.toContain('unsafe');
    expect(contentSecurityPolicy({ portalOrigin, formTargets: [] })).not.toContain(origin);
  });
});

function escaped(text: string): string {
  return text.replaceAll(/[.*/]/g, '\\$&');
}
