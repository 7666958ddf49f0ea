/** What `serve` prints when it is ready. Passwords appear only if they were just created. */

/** A user created on the first start. */
export interface FirstUser {
  readonly name: string;
  /** Null: it was shown before; the file has it. */
  readonly password: string | null;
  /** Shown instead of the password's note. */
  readonly note: string;
}

export interface BannerFacts {
  readonly version: string;
  /** Milliseconds from the start of the process. */
  readonly startedIn: number;
  /** E.g. `embedded state in ./data, no Redis needed`. */
  readonly state: string;
  /** Origin of the portal. */
  readonly portal: string;
  /** Apps with a short note; long lists are cut. */
  readonly apps: readonly { readonly kind: string; readonly url: string; readonly note: string }[];
  /** URL of the admin listener, or null. */
  readonly admin: string | null;
  /** Folder that emails are written to if there is no mail server, else null. */
  readonly mail: string | null;
  /** Link that creates the first administrator, or null. */
  readonly setUp: string | null;
  readonly firstUsers: readonly FirstUser[];
  /** File with their passwords. */
  readonly firstUsersFile: string;
  /** Whether to use color and bold. */
  readonly tty: boolean;
}

const MOST_APPS = 8;

/** The banner, with a blank line before and after. */
export function banner(facts: BannerFacts): string {
  const bold = (text: string): string => (facts.tty ? `\u001b[1m${text}\u001b[0m` : text);
  const dim = (text: string): string => (facts.tty ? `\u001b[90m${text}\u001b[0m` : text);
  const shown = facts.apps.slice(0, MOST_APPS);
  const urls = [facts.portal, ...shown.map((app) => app.url)];
  const kinds = ['Portal', 'Sign in', ...shown.map((app) => app.kind), 'Admin'];
  const urlWidth = Math.max(...urls.map((url) => url.length));
  const kindWidth = Math.max(...kinds.map((kind) => kind.length));
  const line = (kind: string, url: string, note: string): string =>
    `  ${kind.padEnd(kindWidth)}  ${note === '' ? url : `${url.padEnd(urlWidth)}   ${dim(note)}`}`;
  const lines = [
    '',
    `  ${bold(`doorward ${facts.version}`)}  ready in ${Math.round(facts.startedIn)} ms   ${facts.state}`,
    '',
    line('Portal', facts.portal, ''),
    ...shown.map((app) => line(app.kind, app.url, app.note)),
  ];
  if (facts.apps.length > MOST_APPS) {
    lines.push(`  ${' '.repeat(kindWidth)}  and ${facts.apps.length - MOST_APPS} more`);
  }
  if (facts.admin !== null) lines.push(line('Admin', facts.admin, '/healthz /readyz /metrics'));
  if (facts.mail !== null) lines.push(line('Mail', `written to ${facts.mail}, not sent`, ''));
  if (facts.setUp !== null) {
    // On its own, so that the other lines stay narrow.
    const note = dim('creates the first administrator; valid once, for 24 hours');
    lines.push('', `${line('Set up', bold(facts.setUp), '')}   ${note}`);
  }
  if (facts.firstUsers.length > 0) lines.push('', ...signIn(facts, kindWidth, bold, dim));
  return `${lines.join('\n')}\n\n`;
}

function signIn(
  facts: BannerFacts,
  kindWidth: number,
  bold: (text: string) => string,
  dim: (text: string) => string,
): string[] {
  const nameWidth = Math.max(...facts.firstUsers.map((user) => user.name.length));
  const isShown = facts.firstUsers.some((user) => user.password !== null);
  const hidden = isShown ? '(in that file)' : `(in ${facts.firstUsersFile})`;
  const secrets = facts.firstUsers.map((user) => user.password ?? hidden);
  const secretWidth = Math.max(...secrets.map((secret) => secret.length));
  const noteOf = ({ password, note }: FirstUser): string =>
    password === null ? note : `created on first start, stored in ${facts.firstUsersFile} (0600)`;
  return facts.firstUsers.map((user, i) => {
    const lead = (i === 0 ? 'Sign in' : '').padEnd(kindWidth);
    const secret = (secrets[i] as string).padEnd(secretWidth);
    return `  ${lead}  ${user.name.padEnd(nameWidth)} / ${bold(secret)}   ${dim(noteOf(user))}`.trimEnd();
  });
}
