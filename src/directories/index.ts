/** The kinds of directories there are, in reading order. One line for each folder. */
import type { DirectoryKind } from '../core/setup/adapters.ts';
import { embedded } from './embedded/directory.ts';
import { file } from './file/directory.ts';
import { ldap } from './ldap/directory.ts';

export const directories: readonly DirectoryKind[] = [embedded, file, ldap];
