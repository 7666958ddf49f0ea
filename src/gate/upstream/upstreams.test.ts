import { afterEach, describe, expect, it } from 'vitest';
import { plainUpstream } from '../../core/routes/upstream.ts';
import { createUpstreams } from './upstreams.ts';

const upstreams = createUpstreams();
afterEach(() => upstreams.close());

const [one, two] = [plainUpstream('http://127.0.0.1:9001'), plainUpstream('http://127.0.0.1:9002')];

describe('the upstreams of a route', () => {
  it('are chosen in their order', () => {
    expect(upstreams.choose({ upstreams: [one, two] })?.origin).toBe('http://127.0.0.1:9001');
    expect(upstreams.choose({ upstreams: [two, one] })?.origin).toBe('http://127.0.0.1:9002');
  });

  it('may be none', () => {
    expect(upstreams.choose({ upstreams: [] })).toBeNull();
  });

  it('serve every target among them, and no other', () => {
    const chosen = upstreams.choose({ upstreams: [two] });
    if (chosen === null) throw new Error('no target');
    expect(upstreams.serves({ upstreams: [one, two] }, chosen)).toBe(true);
    expect(upstreams.serves({ upstreams: [plainUpstream(two.url)] }, chosen)).toBe(true);
    expect(upstreams.serves({ upstreams: [one] }, chosen)).toBe(false);
    expect(upstreams.serves({ upstreams: [] }, chosen)).toBe(false);
  });
});
