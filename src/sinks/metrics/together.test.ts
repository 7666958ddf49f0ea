/** Several processes look like one gateway to Prometheus. */
import { describe, expect, it } from 'vitest';
import type { Event } from '../../core/access/event.ts';
import { createMetrics } from './metrics.ts';
import { lasting, renderTogether, together } from './together.ts';

const CHECK: Event = {
  type: 'decision',
  requestId: 'r',
  traceId: null,
  dialect: 'nginx',
  method: 'GET',
  host: 'h',
  path: '/',
  route: 'wiki',
  rule: null,
  decision: 'allow',
  status: 200,
  reasons: ['group/member'],
  why: [],
  dryRun: [],
  userId: null,
  clientIp: '',
  ms: 0.2,
};
const UPSTREAM: Event = {
  type: 'upstream',
  requestId: 'r',
  route: 'wiki',
  status: 200,
  fault: '',
  ms: 20,
};

function worker() {
  return createMetrics({ version: '1', process: false });
}

function lineOf(text: string, start: string): string | undefined {
  return text.split('\n').find((line) => line.startsWith(start));
}

describe('metrics of several processes', () => {
  it('are added, and sent between processes as plain data', async () => {
    const [a, b] = [worker(), worker()];
    const primary = createMetrics({ version: '1', process: false, sessions: async () => 7 });
    for (const event of [CHECK, UPSTREAM]) a.emit(event);
    for (const event of [CHECK, CHECK, { ...CHECK, decision: 'deny' }, UPSTREAM] as Event[]) {
      b.emit(event);
    }
    const all = [await primary.read(), await a.read(), structuredClone(await b.read())];
    const text = await renderTogether(all);
    expect(text).toContain(
      'doorward_checks_total{route="wiki",reason="group/member",decision="allow"} 3\n',
    );
    expect(text).toContain('reason="group/member",decision="deny"} 1\n');
    expect(text).toContain('doorward_check_seconds_count 4\n');
    expect(text).toContain('doorward_check_seconds_bucket{le="0.00025"} 4\n');
    expect(text).toContain('doorward_upstream_seconds_count{route="wiki",code="200"} 2\n');
    expect(lineOf(text, 'doorward_upstream_seconds_bucket{le="0.025"')).toMatch(/ 2$/);
    expect(text).toContain('doorward_sessions 7\n');
    expect(lineOf(text, 'doorward_build_info{')).toMatch(/ 1$/);
  });

  it('report a reload that one of them refused', async () => {
    const [a, b] = [worker(), worker()];
    b.emit({ type: 'reload', ok: false, faults: 1 });
    const text = await renderTogether([await a.read(), await b.read()]);
    expect(text).toContain('doorward_reload_ok 0\n');
  });

  it('never decrease because a process has ended', async () => {
    const [a, b] = [worker(), worker()];
    for (const one of [a, b, b]) for (const event of [CHECK, UPSTREAM]) one.emit(event);
    const ended = await together([lasting(await b.read()), lasting(await a.read())]);
    const replacement = worker();
    replacement.emit(UPSTREAM);
    const text = await renderTogether([await replacement.read(), ended]);
    expect(text).toContain('decision="allow"} 3\n');
    expect(text).toContain('doorward_upstream_seconds_count{route="wiki",code="200"} 4\n');
    // Gauges come from the running workers.
    expect(ended.others.map((metric) => metric.name)).not.toContain('doorward_reload_ok');
    expect(lineOf(text, 'doorward_build_info{')).toMatch(/ 1$/);
  });

  it('give the start of the first process as the start of all', async () => {
    const [a, b] = [createMetrics({ version: '1' }), createMetrics({ version: '1' })];
    const text = await renderTogether([await a.read(), await b.read()]);
    expect(text).toMatch(/^process_start_time_seconds 1[0-9]{9}/m);
  });
});
