/** Directories in which users can be added and changed. */
import type { Directory, WritableDirectory } from '../../core/people/directory.ts';

/** Whether users can be added to a directory. */
export function isWritable(directory: Directory): directory is WritableDirectory {
  return 'create' in directory && 'setPassword' in directory;
}
