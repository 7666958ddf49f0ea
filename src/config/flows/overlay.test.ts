/** A directory of flows overrides the shipped ones. */
import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  faultsOf,
  folderOf,
  linkedOf,
  loadFolder,
  SHIPPED_FLOWS,
} from '../../../test/support/configuration.ts';

const MAIN = 'public_url: https://auth.example.com\nmail: { type: file }\n';
const BYE = 'title: Bye\ndesignation: invalidation\nstages: [{ type: user_logout }]\n';
/** The shipped flows that are enabled by default. */
const SHIPPED = readdirSync(SHIPPED_FLOWS)
  .map((file) => file.replace('.yaml', ''))
  .filter((name) => name !== 'sign-up');

/** Loads this configuration with two flows: another sign-out, and one with a new name. */
async function load(more: string, files = { 'flows/logout.yml': BYE, 'flows/bye.yaml': BYE }) {
  using folder = folderOf({ ...files, 'doorward.yaml': MAIN + more });
  return await loadFolder(folder.path);
}

const flowsOf = async (more: string) => linkedOf(await load(more)).snapshot.flows;

describe('a directory of flows', () => {
  it('replaces shipped flows of the same name, and leaves all others', async () => {
    const flows = await flowsOf('flows: ./flows\n');
    expect([...flows.keys()].sort()).toEqual([...SHIPPED, 'bye'].sort());
    expect(flows.get('logout')?.title).toBe('Bye');
    expect(flows.get('login')?.title).toEqual((await flowsOf('')).get('login')?.title);
  });

  it('has the shipped sign-up only if it is offered', async () => {
    const flows = await flowsOf('sign_up: true\n');
    expect([...flows.keys()].sort()).toEqual([...SHIPPED, 'sign-up'].sort());
  });

  it.each([
    ['without mail', 'public_url: https://auth.example.com\n', 'there is no mail'],
    [
      'without users who can be written',
      `${MAIN}directories: [{ type: file, path: users.yaml }]\n`,
      'new users need a directory',
    ],
  ])('refuses to offer the sign-up %s', async (_, main, message) => {
    using folder = folderOf({
      'doorward.yaml': `${main}sign_up: true\n`,
      'users.yaml': 'users: {}\n',
    });
    const faults = faultsOf(await loadFolder(folder.path));
    expect(faults).toEqual([
      expect.objectContaining({ path: 'sign_up', message: expect.stringContaining(message) }),
    ]);
  });

  it('replaces all shipped flows with flows_only', async () => {
    expect([...(await flowsOf('flows: ./flows\nflows_only: true\n')).keys()]).toEqual([
      'bye',
      'logout',
    ]);
  });

  it.each([
    ['flows_only without it', 'flows_only: true\n', 'flows_only: needs flows'],
    ['one that does not exist', 'flows: ./flow\n', 'flows: the directory cannot be read'],
  ])('is a fault: %s', async (_, more, expected) => {
    const told = faultsOf(await load(more)).map(({ path, message }) => `${path}: ${message}`);
    expect(told).toContainEqual(expect.stringContaining(expected));
  });

  it('must have the mail it needs for its own flows, unlike a shipped flow', async () => {
    const recovery =
      'title: R\ndesignation: recovery\nstages: [{ type: identification }, { type: email_link }, { type: user_login }]\n';
    const without = MAIN.replace(/^mail.*\n/m, '');
    const read = async (files: Record<string, string>) => {
      using folder = folderOf({ ...files, 'doorward.yaml': `${without}flows: ./flows\n` });
      return await loadFolder(folder.path);
    };
    expect(linkedOf(await read({ 'flows/bye.yaml': BYE })).snapshot.flows.has('recovery')).toBe(
      false,
    );
    const faults = faultsOf(await read({ 'flows/recovery.yaml': recovery }));
    expect(faults.map(({ message }) => message)).toContainEqual(
      expect.stringContaining('the main file has no mail'),
    );
  });
});
