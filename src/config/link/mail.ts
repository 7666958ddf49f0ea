/** Links `mail`: the mailer, the operator's own emails, and the flows that need a mailer. Opens nothing. */
import { lstatSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { templateFault, templateFile } from '../../core/flow/email-template.ts';
import type { Site } from '../../core/access/return-to.ts';
import type { Flows } from '../flows/uses.ts';
import { frozen } from '../settings/freeze.ts';
import { isLoopbackHost } from '../routes/host.ts';
import type { Lists } from '../settings/lists.ts';
import { parseAt } from '../schema/schema-faults.ts';
import { mailTemplates } from '../schema/schema.ts';
import type { Config } from '../schema/schema.ts';
import type { Settings } from '../settings/settings.ts';
import { below, blame, type Spot } from '../faults/spot.ts';
import { suggest } from '../faults/suggestion.ts';

/** The mailer without `mail` in the file, when the portal is on this machine. */
const PREVIEW = 'file';
/** Largest template file in bytes, and most files. */
const MAX_BYTES = 64 * 1024;
const MAX_FILES = 100;

interface MailSurroundings {
  readonly site: Site | null;
  readonly lists: Lists;
  /** The directory that relative paths start from. */
  readonly base: string;
}

/** The mailer; null for none, 'faulty' once its fault has been noted. */
export function linkMail(
  config: Config,
  { site, lists, base }: MailSurroundings,
  root: Spot,
): Settings['mail'] | 'faulty' {
  const spot = below(root, 'mail');
  const isHere = site !== null && isLoopbackHost(site.host);
  if (config.mail === undefined && !isHere) return null;
  const { type, templates: folder, ...options } = config.mail ?? { type: PREVIEW };
  const kind = lists.mailers.find((one) => one.type === type);
  if (kind === undefined) {
    const types = lists.mailers.map((one) => one.type);
    const hint = typeof type === 'string' ? suggest(type, types) : null;
    const what = type === undefined ? 'missing' : 'no such mailer';
    blame(below(spot, 'type'), `${what}, expected one of ${types.join(', ')}`, hint);
    return 'faulty';
  }
  const parsed: unknown = parseAt(kind.config, options, spot);
  const place = below(spot, 'templates');
  const path = parseAt(mailTemplates, folder, place);
  const templates = path === null || path === undefined ? {} : read(resolve(base, path), place);
  return parsed === null ? 'faulty' : frozen({ kind, options: parsed, templates });
}

/**
 * The flows that can run with this mailer. Without a mailer, shipped flows that send email are left
 * out, and such flows of the operator are faults.
 */
export function withMail(
  flows: Flows,
  mail: Settings['mail'] | 'faulty',
  shipped: ReadonlySet<string>,
): Flows {
  if (mail !== null) return flows;
  const kept = new Map(flows);
  for (const [name, linked] of flows) {
    const isShipped = shipped.has(name);
    for (const [index, { stage, config }] of (linked?.flow.stages ?? []).entries()) {
      if (stage.needs?.mailer?.(config) !== true) continue;
      if (isShipped) kept.delete(name);
      const spot = linked?.spots[index];
      if (isShipped || spot === undefined) continue;
      blame(
        below(spot, 'type'),
        `${stage.type} sends email, and the main file has no mail`,
        'mail: { type: smtp, host: …, from: … }',
      );
    }
  }
  return kept;
}

/** The operator's templates by file name. Any other file is a fault, so that a misspelled name is noticed. */
function read(folder: string, spot: Spot): Readonly<Record<string, string>> {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) {
    blame(spot, 'the directory does not exist');
    return {};
  }
  const names = readdirSync(folder).filter((name) => !name.startsWith('.'));
  if (names.length > MAX_FILES) {
    blame(spot, `expected at most ${MAX_FILES} files`);
    return {};
  }
  const found: Record<string, string> = {};
  for (const name of names.sort()) {
    const fault = readInto(found, folder, name, names);
    if (fault !== null) blame(spot, `${name}: ${fault}`);
  }
  return found;
}

function readInto(
  found: Record<string, string>,
  folder: string,
  name: string,
  names: readonly string[],
): string | null {
  const file = templateFile(name);
  if (file === null) return 'expected a name such as email-code.en.txt or email-link.de.html';
  const path = join(folder, name);
  // Symbolic links are followed, because mounted ConfigMaps need that; the target must be a file.
  const isLost = lstatSync(path).isSymbolicLink() && !statSync(path, { throwIfNoEntry: false });
  const stat = isLost ? undefined : statSync(path);
  if (stat?.isFile() !== true) return 'it is not a regular file';
  if (stat.size > MAX_BYTES) return `it is larger than ${MAX_BYTES / 1024} KiB`;
  const twin = name.replace(/txt$|html$/, (form) => (form === 'txt' ? 'html' : 'txt'));
  if (!names.includes(twin)) return `${twin} is missing beside it`;
  const written = readFileSync(path, 'utf8');
  const fault = templateFault(file.email, file.form, written);
  if (fault === null) found[name] = written;
  return fault;
}
