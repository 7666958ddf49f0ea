import { describe, expect, it } from 'vitest';
import { plainUpstream } from '../../core/routes/upstream.ts';
import { isWithin } from './target.ts';

const one = plainUpstream('http://127.0.0.1:9001', 1_000);
const two = plainUpstream('http://127.0.0.1:9002', 1_000);
const both = { ...one, urls: [...one.urls, ...two.urls] } as const;

describe('an upstream', () => {
  it('is within each that has all its members', () => {
    expect(isWithin(two, both)).toBe(true);
    expect(isWithin(both, { urls: both.urls.toReversed() as [string, string], tls: one.tls })).toBe(
      true,
    );
  });

  it('is not within one that lacks a member, or checks certificates in another way', () => {
    expect(isWithin(both, two)).toBe(false);
    expect(isWithin(one, two)).toBe(false);
    expect(isWithin(two, { ...both, tls: { ...two.tls, insecure: true } })).toBe(false);
  });
});
