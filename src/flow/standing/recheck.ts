/**
 * One question to a provider, and what its answer changes: the session ends, all sessions of the account
 * end, or the user's groups change. What the provider did not say in full confirms nothing.
 */
import type { EventSink } from '../../core/access/event.ts';
import type { SignalSource } from '../../core/access/signal.ts';
import type { Directory, WritableDirectory } from '../../core/people/directory.ts';
import type { Session } from '../../core/people/session.ts';
import { failureReasons } from '../../core/policy/evaluation.ts';
import { evaluateSet, neededBy } from '../../core/policy/policy.ts';
import { readFacts } from '../../core/request/facts.ts';
import { isRefusal } from '../../core/request/refusal.ts';
import type { Live } from '../../core/setup/snapshot.ts';
import { asUser, claimsOf } from '../../core/sources/profile.ts';
import { groupsAfter } from '../../core/sources/source-groups.ts';
import type { ConfiguredSource, SourceRule, Sources } from '../../core/sources/source-rule.ts';
import type { SourceSession } from '../../core/sources/source-session.ts';
import type { SourceProfile } from '../../core/sources/source.ts';
import { causeOf } from '../../core/values/network-cause.ts';
import { Problem } from '../../core/values/problem.ts';
import type { Clock } from '../../core/values/system.ts';
import { updateUser } from '../effects/user-effects.ts';
import { type EndPorts, endSession, endWithdrawn } from './end-sessions.ts';

/** What asking needs. */
export interface RecheckPorts extends EndPorts {
  readonly live: Live;
  readonly sources: Sources;
  readonly directories: Pick<Directory, 'read'>;
  readonly users: WritableDirectory | null;
  readonly signals: SignalSource;
  readonly clock: Clock;
  readonly events: EventSink;
}

/** `refused`: the provider answered, but its answer is not valid. */
type Answer = 'stands' | 'ended' | 'unavailable' | 'refused';

/** A session, and what it keeps. */
interface Subject {
  readonly session: Session;
  readonly kept: SourceSession;
}

/** Asks the provider, and carries out what follows. Rejects with a Problem if a store or directory is down. */
export async function recheck(
  ports: RecheckPorts,
  { source, rule }: ConfiguredSource,
  { session, kept }: Subject,
  renewed: (refreshToken: string) => Promise<void>,
): Promise<Answer> {
  const { issuer, subject, refreshToken } = kept;
  const report = reporter(ports, rule, session);
  let answer;
  try {
    answer = await source.recheck({ issuer, subject, refreshToken: refreshToken ?? '' }, renewed);
  } catch (caught) {
    const code = caught instanceof Problem ? caught.code : '';
    if (code !== 'source/unavailable' && code !== 'source/refused') throw caught;
    const result = code === 'source/unavailable' ? 'unavailable' : 'refused';
    report(result, code, caught);
    return result;
  }
  if (!answer.stands) {
    await endSession(ports, session, { about: 'recheck', code: 'source/revoked' });
    return 'ended';
  }
  const against = await objections(ports, rule, answer.profile, session);
  if (against.length > 0) {
    // What the rules say about an account holds for all its sessions.
    const account = { source: rule.name, issuer, subject, sid: null };
    await endWithdrawn(ports, account, session.client.ip);
    await endSession(ports, session, { about: 'recheck', code: 'source/not-admitted' });
    return 'ended';
  }
  if (answer.profile !== null) await regroup(ports, rule, answer.profile, session);
  report('stands', null, null);
  return 'stands';
}

function reporter({ events }: RecheckPorts, { name: source }: SourceRule, session: Session) {
  const { userId, client } = session;
  return (result: Exclude<Answer, 'ended'>, code: string | null, caught: unknown): void => {
    const cause = causeOf(caught);
    events.emit({
      type: 'source',
      about: 'recheck',
      source,
      result,
      code,
      ...(cause === null ? {} : { cause }),
      userId,
      clientIp: client.ip,
    });
  };
}

/**
 * Why the account may not sign in any more, evaluated as for the sign-in that began the session. If the
 * provider told nothing, a rule about the account cannot be evaluated, which refuses.
 */
async function objections(
  { live, signals, clock }: RecheckPorts,
  { admit }: SourceRule,
  profile: SourceProfile | null,
  { client }: Session,
): Promise<readonly unknown[]> {
  if (admit.bindings.length === 0) return [];
  const { site } = live.current;
  const facts = readFacts({
    method: 'GET',
    scheme: site.scheme,
    authority: new URL(site.origin).host,
    target: '/',
    clientIp: client.ip,
    header: (name) => (name === 'user-agent' ? client.agent : null),
  });
  if (isRefusal(facts) || profile === null) return ['nothing to evaluate'];
  const input = {
    facts,
    session: null,
    user: asUser(profile),
    claims: claimsOf(profile),
    route: null,
    flow: null,
    event: null,
    prompt: null,
    field: null,
    now: clock.now(),
  };
  const needed = neededBy([admit]);
  const given =
    needed.length === 0 ? {} : await signals(needed, { ...input, device: null, subject: null });
  return failureReasons(evaluateSet(admit, { ...input, signals: given }));
}

/** Gives the user the groups that the provider reports now; other gateways hear of it from the directory. */
async function regroup(
  ports: RecheckPorts,
  { name: source, groups: rule }: SourceRule,
  profile: SourceProfile,
  { userId, client }: Session,
): Promise<void> {
  const user = rule === null ? null : await ports.directories.read(userId);
  const groups = rule === null || user === null ? null : groupsAfter(rule, profile, user.groups);
  if (groups === null || !(await updateUser(ports, userId, { groups }))) return;
  const { ip: clientIp } = client;
  const event = { type: 'source', about: 'recheck', source, result: 'changed' } as const;
  ports.events.emit({ ...event, code: null, userId, clientIp });
}
