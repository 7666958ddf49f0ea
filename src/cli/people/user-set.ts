/** `doorward user set NAME`: changes name, address, groups and attributes of a user of the embedded directory. */
import type { Command } from 'commander';
import { changesFor, type UserOrder } from '../../core/administration/set-user.ts';
import {
  type CommonOptions,
  configured,
  readPairs,
  repeatable,
  runner,
  type Shell,
} from '../shell/command.ts';
import type { CommandContext, ExitCode } from '../shell/context.ts';
import { declined, misused, plainText } from '../shell/output.ts';
import { withUser } from './embedded.ts';
import { addressText } from './user-show.ts';

interface SetOptions extends CommonOptions {
  readonly name?: string;
  readonly displayName?: string;
  readonly email?: string;
  readonly verified?: boolean;
  readonly unverified?: boolean;
  readonly addGroup: readonly string[];
  readonly removeGroup: readonly string[];
  readonly attribute: readonly string[];
  readonly removeAttribute: readonly string[];
}

export function setCommand(shell: Shell): Command {
  return configured('set', 'change name, email address, groups, and attributes of a user')
    .argument('<name>', 'username')
    .option('--name <new>', 'new username')
    .option('--display-name <text>', 'display name')
    .option('--email <address>', 'email address, which counts as verified; "" removes it')
    .option('--verified', 'the address belongs to the user')
    .option('--unverified', 'nothing shows that the address belongs to the user')
    .addOption(repeatable('--add-group <group>', 'group to add'))
    .addOption(repeatable('--remove-group <group>', 'group to remove'))
    .addOption(repeatable('--attribute <key=value>', 'attribute to set'))
    .addOption(repeatable('--remove-attribute <key>', 'attribute to remove'))
    .action(runner(shell, set));
}

async function set(context: CommandContext, login: string, options: SetOptions): Promise<ExitCode> {
  const order = orderOf(options);
  if (typeof order === 'string') return misused(context, order);
  return withUser(context, options, login, async (found, { users }) => {
    const changes = changesFor(found, order);
    if (typeof changes === 'string') {
      return declined(context, `${plainText(found.name)} ${plainText(changes)}`);
    }
    if (changes.emailVerified === true && (changes.email ?? found.email) === '') {
      return declined(context, `${plainText(found.name)} has no email address to verify`);
    }
    const user = await users.update(found.id, changes);
    const was = user.name === found.name ? '' : `, formerly ${plainText(found.name)},`;
    context.terminal.out(`${plainText(user.name)}${was} is changed\n`);
    if (user.email !== '' && !user.emailVerified) {
      context.terminal.out(`the address is now ${plainText(addressText(user))}\n`);
    }
    return 0;
  });
}

/** What to change, or why that is unclear. */
function orderOf(options: SetOptions): UserOrder | string {
  const { name, displayName, email, verified, unverified } = options;
  if (verified === true && unverified === true) return 'choose either --verified or --unverified';
  const attributes = readPairs(options.attribute);
  if (typeof attributes === 'string') {
    return `invalid --attribute ${plainText(attributes)}: use key=value`;
  }
  const order = {
    ...(name === undefined ? {} : { name }),
    ...(displayName === undefined ? {} : { displayName }),
    ...(email === undefined ? {} : { email }),
    ...(verified === true || unverified === true ? { emailVerified: verified === true } : {}),
  };
  const lists = {
    addGroups: options.addGroup,
    removeGroups: options.removeGroup,
    removeAttributes: options.removeAttribute,
  };
  const isEmpty = Object.values({ ...order, attributes: Object.keys(attributes), ...lists }).every(
    (value) => Array.isArray(value) && value.length === 0,
  );
  return isEmpty
    ? 'user set needs something to change, such as --email ADDRESS; see doorward user set --help'
    : { ...order, ...lists, attributes };
}
