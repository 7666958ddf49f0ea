import { afterEach, describe, expect, it } from 'vitest';
import { plainUpstream } from '../../core/routes/upstream.ts';
import { createUpstreams } from './upstreams.ts';

const upstreams = createUpstreams();
afterEach(() => upstreams.close());

const one = plainUpstream('http://127.0.0.1:9001', 1_000);
const two = plainUpstream('http://127.0.0.1:9002', 1_000);

describe('the members of a group', () => {
  it('are chosen in their order', () => {
    const both = { ...one, urls: [...two.urls, ...one.urls] } as const;
    expect(upstreams.choose(one).origin).toBe('http://127.0.0.1:9001');
    expect(upstreams.choose(both).origin).toBe('http://127.0.0.1:9002');
  });

  it('are served by it, and no other target is', () => {
    const chosen = upstreams.choose(two);
    expect(upstreams.serves({ ...one, urls: [...one.urls, ...two.urls] }, chosen)).toBe(true);
    expect(upstreams.serves(plainUpstream(two.urls[0], 5_000), chosen)).toBe(true);
    expect(upstreams.serves(one, chosen)).toBe(false);
  });
});
