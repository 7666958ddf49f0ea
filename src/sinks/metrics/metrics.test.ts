/** Metrics under the names that dashboards rely on, with few label values. */
import { describe, expect, it } from 'vitest';
import { fakeSessions } from '../../../test/support/fakes.ts';
import type { Event } from '../../core/access/event.ts';
import type { Stores } from '../../core/setup/stores.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { timedStores } from './timed-stores.ts';

const DECISION: Extract<Event, { type: 'decision' }> = {
  type: 'decision',
  requestId: 'r',
  traceId: null,
  dialect: 'nginx',
  method: 'GET',
  host: 'h',
  path: '/secret-path',
  route: 'wiki',
  rule: null,
  decision: 'allow',
  status: 200,
  reasons: ['group/member', 'x'],
  why: [],
  dryRun: [],
  userId: 'embedded/ann',
  clientIp: '192.0.2.7',
  ms: 0.2,
};

/** What a dry run would have refused. */
const NO = {
  rule: 'wiki',
  policy: 'group',
  code: 'group/not-member',
  detail: 'has secret-group',
  line: 'doorward.yaml:3:5',
};

function metrics(sessions: () => Promise<number> = () => Promise.resolve(3)): Metrics {
  return createMetrics({ version: '0.1.0', sessions, process: false });
}

describe('metrics', () => {
  it('count events, under stable names', async () => {
    const made = metrics();
    const events: Event[] = [
      DECISION,
      { ...DECISION, dryRun: [NO, { ...NO, code: 'network/outside' }] },
      { ...DECISION, decision: 'deny', reasons: ['host/unknown'], route: null, ms: 5_000 },
      { ...DECISION, tokenId: 'AbCdEfG', route: 'files', ms: 5_000 },
      { ...DECISION, tokenId: 'AbCdEfG', route: 'files', decision: 'deny', ms: 5_000 },
      { ...DECISION, credential: 'basic', route: 'files', ms: 5_000 },
      {
        type: 'flow',
        flow: 'login',
        outcome: 'completed',
        code: null,
        userId: 'embedded/ann',
        clientIp: '',
        requestId: 'r',
      },
      {
        type: 'sign-in',
        flow: 'login',
        method: 'password',
        result: 'wrong',
        userId: null,
        clientIp: '',
        requestId: 'r',
      },
      {
        type: 'sign-in',
        flow: 'login',
        method: 'source',
        result: 'wrong',
        userId: null,
        source: 'google',
        code: 'source/not-linked',
        clientIp: '',
        requestId: 'r',
      },
      { type: 'upstream', requestId: 'r', route: 'wiki', status: 200, fault: '', ms: 20 },
      {
        type: 'upstream',
        requestId: 'r',
        route: 'wiki',
        status: 502,
        fault: 'upstream/down',
        ms: 20,
      },
      { type: 'upstream', requestId: 'r', route: 'wiki', status: 9999, fault: '', ms: 20 },
      {
        type: 'dry-run',
        flow: 'login',
        why: [NO, NO],
        userId: 'embedded/ann',
        clientIp: '192.0.2.7',
        requestId: 'r',
      },
      { type: 'reload', ok: false, faults: 1 },
      { type: 'connection', code: 'proxy-header/late', peer: '192.0.2.1' },
      {
        type: 'upstream',
        requestId: 'r',
        route: 'wiki',
        status: 200,
        fault: '',
        retries: 2,
        ms: 20,
      },
      { type: 'member', member: 'http://a', change: 'ejected' },
      { type: 'member', directory: 'ldap', member: 'ldaps://a', change: 'ejected' },
      { type: 'member', directory: 'ldap', member: 'ldaps://b', change: 'ejected' },
      { type: 'member', directory: 'ldap', member: 'ldaps://a', change: 'returned' },
      { type: 'member', database: 'accounts', member: 'Postgres', change: 'returned' },
      { type: 'member', database: 'directory', member: 'Postgres', change: 'ejected' },
      {
        type: 'account',
        change: 'authenticator/added',
        userId: 'embedded/ann',
        flow: 'setup-totp',
        clientIp: '192.0.2.7',
        requestId: 'r',
      },
    ];
    for (const event of events) made.emit(event);
    made.observeStore('sessions.read', 0.002);
    // Two upstreams may stand differently to one address.
    made.watchMembers(() => [
      { url: 'http://a', isIn: false },
      { url: 'http://a', isIn: true },
      { url: 'http://b', isIn: true },
    ]);
    const lines = (await made.render()).split('\n');
    for (const line of [
      'doorward_checks_total{route="wiki",reason="group/member",decision="allow"} 2',
      'doorward_connections_closed_total{code="proxy-header/late"} 1',
      'doorward_checks_total{route="",reason="host/unknown",decision="deny"} 1',
      'doorward_would_deny_total{route="wiki",reason="group/not-member"} 1',
      'doorward_would_deny_total{route="wiki",reason="network/outside"} 1',
      'doorward_check_seconds_bucket{le="0.0001"} 0',
      'doorward_check_seconds_bucket{le="0.00025"} 2',
      'doorward_check_seconds_bucket{le="2"} 2',
      'doorward_check_seconds_bucket{le="+Inf"} 6',
      'doorward_check_seconds_count 6',
      'doorward_flows_total{flow="login",outcome="completed"} 1',
      'doorward_signin_attempts_total{method="password",result="wrong"} 1',
      'doorward_source_signins_total{source="google",code="source/not-linked"} 1',
      'doorward_account_changes_total{change="authenticator/added"} 1',
      'doorward_flow_would_deny_total{flow="login",reason="group/not-member"} 2',
      'doorward_sessions 3',
      'doorward_store_seconds_count{op="sessions.read"} 1',
      'doorward_upstream_seconds_count{route="wiki",code="200"} 2',
      'doorward_upstream_retries_total{route="wiki"} 2',
      'doorward_upstream_changes_total{change="ejected"} 1',
      'doorward_directory_changes_total{directory="ldap",change="returned"} 1',
      'doorward_directory_server_up{directory="ldap",server="ldaps://a"} 1',
      'doorward_directory_server_up{directory="ldap",server="ldaps://b"} 0',
      'doorward_database_up{part="accounts"} 1',
      'doorward_database_up{part="directory"} 0',
      'doorward_credential_checks_total{credential="token",decision="allow"} 1',
      'doorward_credential_checks_total{credential="token",decision="deny"} 1',
      'doorward_credential_checks_total{credential="basic",decision="allow"} 1',
      'doorward_upstream_member_up{member="http://a"} 0',
      'doorward_upstream_member_up{member="http://b"} 1',
      'doorward_upstream_seconds_count{route="wiki",code="upstream/down"} 1',
      'doorward_upstream_seconds_count{route="wiki",code="other"} 1',
      'doorward_reload_ok 0',
      `doorward_build_info{version="0.1.0",node="${process.version}"} 1`,
    ]) {
      expect(lines).toContain(line);
    }
  });

  it('report success before the first reload', async () => {
    expect(await metrics().render()).toContain('doorward_reload_ok 1\n');
  });

  it('name no user, host, address or path', async () => {
    const made = metrics();
    made.emit({ ...DECISION, why: [NO], dryRun: [NO] });
    expect(await made.render()).not.toMatch(/ann|secret-|192\.0\.2/);
  });

  it('stay readable while the store is down', async () => {
    const made = metrics(() => Promise.reject(new Error('down')));
    expect(await made.render()).toContain('doorward_sessions Nan');
  });

  it('keep the number of series limited', async () => {
    const made = metrics();
    for (let i = 0; i < 30_000; i += 1) made.emit({ ...DECISION, reasons: [`r/${i}`] });
    const text = await made.render();
    expect(text).toContain(
      'doorward_checks_total{route="other",reason="other",decision="allow"} 10000\n',
    );
  });

  it('write label values that break no line', async () => {
    const made = metrics();
    made.emit({ ...DECISION, route: 'a"b\\c\nd\u001be', reasons: [] });
    expect(await made.render()).toContain(
      '{route="a\\"b\\\\c\\nd?e",reason="none",decision="allow"} 1\n',
    );
  });
});

const stores = (): Stores =>
  ({
    sessions: fakeSessions(),
    plans: { read: () => Promise.resolve(null), write: () => Promise.reject(new Error('down')) },
    throttle: {},
    marks: { take: () => Promise.resolve(true) },
    ping: () => Promise.resolve(),
    close: () => Promise.resolve(),
  }) as unknown as Stores;

describe('timed stores', () => {
  it('behave as before and record how long each call took, also when it failed', async () => {
    const told: [string, number][] = [];
    let now = 0;
    const timed = timedStores(
      stores(),
      (operation, seconds) => told.push([operation, seconds]),
      () => (now += 50),
    );
    expect(await timed.sessions.read({ id: 'x', secret: 'y' })).toBeNull();
    await expect(timed.plans.write({} as never, 0)).rejects.toThrow('down');
    expect(await timed.marks.take('k', 1)).toBe(true);
    await timed.ping();
    expect(timed.sessions.isCoherent()).toBe(true);
    expect(told).toEqual([
      ['sessions.read', 0.05],
      ['plans.write', 0.05],
      ['marks.take', 0.05],
      ['ping', 0.05],
    ]);
  });
});
