/**
 * `doorward user show NAME`: a user of any directory, with the data stored about them. Must never
 * show a secret, a code, or the ID of a passkey.
 */
import type { Command } from 'commander';
import type { Authenticator, Consent, SignIn } from '../../core/people/account.ts';
import type { User } from '../../core/people/user.ts';
import type { SourceLink } from '../../core/sources/source-link.ts';
import { type CommonOptions, configured, runner, type Shell, using } from '../shell/command.ts';
import type { CommandContext, ExitCode } from '../shell/context.ts';
import { printJson } from '../shell/output.ts';
import { textTable } from '../shell/table.ts';
import { unknownUser, withPerson } from './person.ts';

interface ShowOptions extends CommonOptions {
  readonly json?: boolean;
}

/** The data stored about a user. */
interface Kept {
  readonly authenticators: readonly Authenticator[];
  /** Since when second factors are refused, in epoch milliseconds, or null. */
  readonly lockedAt: number | null;
  readonly devices: number;
  readonly consents: readonly Consent[];
  readonly links: readonly SourceLink[];
  /** Newest first. */
  readonly signIns: readonly SignIn[];
}

export function showCommand(shell: Shell): Command {
  return configured('show', 'show a user with authenticators, devices, consents, and sign-ins')
    .argument('<name>', 'username, email address, or ID; in any directory')
    .option('--json', 'print as JSON')
    .action(runner(shell, show));
}

async function show(
  context: CommandContext,
  name: string,
  options: ShowOptions,
): Promise<ExitCode> {
  return withPerson(context, options, name, async ({ id, user }, loaded) => {
    if (user === null) return unknownUser(context, id);
    const kept = await using(context.openAccounts(loaded), async (accounts) => ({
      authenticators: await accounts.authenticators(id),
      lockedAt: await accounts.factorLock(id),
      devices: (await accounts.devices(id, context.clock.now())).length,
      consents: await accounts.consents(id),
      links: await accounts.sourceLinks(id),
      signIns: await accounts.signIns(id),
    }));
    if (options.json === true) printJson(context, { ...publicUser(user), ...publicKept(kept) });
    else context.terminal.out(describe(user, kept));
    return 0;
  });
}

/** A person as scripts read it. */
export function publicUser(user: User): object {
  return {
    id: user.id,
    name: user.name,
    display_name: user.displayName,
    email: user.email,
    email_verified: user.emailVerified,
    groups: user.groups,
    attributes: user.attributes,
    disabled: user.disabled,
    password_set_at: user.passwordSetAt === null ? null : timeText(user.passwordSetAt),
  };
}

/** An address, marked if it is only a claim. */
export function addressText({ email, emailVerified }: User): string {
  return email === '' || emailVerified ? email : `${email} (not verified)`;
}

function publicKept(kept: Kept): object {
  const { authenticators, lockedAt, devices, consents, links, signIns } = kept;
  return {
    authenticators: authenticators.map((a) => ({
      id: a.id,
      kind: a.kind,
      name: a.name,
      created_at: timeText(a.createdAt),
      last_used_at: a.lastUsedAt === null ? null : timeText(a.lastUsedAt),
    })),
    factors_locked_at: lockedAt === null ? null : timeText(lockedAt),
    known_devices: devices,
    consents: consents.map((c) => ({
      route: c.route,
      permissions: c.permissions,
      at: timeText(c.at),
      expires_at: c.expiresAt === null ? null : timeText(c.expiresAt),
    })),
    sources: links.map(({ source, issuer, subject, createdAt, lastUsedAt }) => ({
      source,
      issuer,
      subject,
      linked_at: timeText(createdAt),
      last_used_at: lastUsedAt === null ? null : timeText(lastUsedAt),
    })),
    sign_ins: signIns.map(({ at, ip }) => ({ at: timeText(at), ip })),
  };
}

function describe(user: User, kept: Kept): string {
  const { authenticators, lockedAt, devices, consents, links, signIns } = kept;
  const attributes = Object.entries(user.attributes).map(
    ([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  const given = consents.map(({ route, permissions }) => `${route} (${permissions.join(', ')})`);
  const person = textTable([
    ['name', user.name],
    ['id', user.id],
    ['display name', user.displayName],
    ['email', user.email === '' ? '(none)' : addressText(user)],
    ['groups', listed(user.groups)],
    ['attributes', listed(attributes)],
    ['disabled', user.disabled ? 'yes' : 'no'],
    ['password set', user.passwordSetAt === null ? '(unknown)' : timeText(user.passwordSetAt)],
    ['authenticators', authenticators.length === 0 ? '(none)' : String(authenticators.length)],
    ...(lockedAt === null
      ? []
      : [
          [
            'second factors',
            `locked since ${timeText(lockedAt)}; to unlock: doorward user unlock NAME`,
          ],
        ]),
    ['known devices', devices === 0 ? '(none)' : String(devices)],
    ['consents', listed(given)],
  ]);
  const tables = [...factorTable(authenticators), ...linkTable(links), ...signInTable(signIns)];
  return [person, ...tables].join('\n');
}

function linkTable(links: readonly SourceLink[]): readonly string[] {
  if (links.length === 0) return [];
  const rows = links.map(({ source, subject, createdAt, lastUsedAt }) => [
    source,
    subject,
    timeText(createdAt),
    lastUsedAt === null ? 'never' : timeText(lastUsedAt),
  ]);
  return [textTable([['SOURCE', 'SUBJECT', 'LINKED', 'LAST USED'], ...rows])];
}

function factorTable(authenticators: readonly Authenticator[]): readonly string[] {
  if (authenticators.length === 0) return [];
  const rows = authenticators.map((a) => [
    a.kind,
    a.name,
    timeText(a.createdAt),
    a.lastUsedAt === null ? 'never' : timeText(a.lastUsedAt),
  ]);
  return [textTable([['KIND', 'NAME', 'ADDED', 'LAST USED'], ...rows])];
}

function signInTable(signIns: readonly SignIn[]): readonly string[] {
  if (signIns.length === 0) return [];
  return [textTable([['SIGNED IN', 'FROM'], ...signIns.map(({ at, ip }) => [timeText(at), ip])])];
}

function listed(texts: readonly string[]): string {
  return texts.length === 0 ? '(none)' : texts.join(', ');
}

function timeText(time: number): string {
  return new Date(time).toISOString();
}
