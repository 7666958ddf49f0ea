/** The names of our keys. What users can choose is only part of them as a one-way name. */
import type { Vault } from '../../core/values/system.ts';

/** Key names under a prefix. */
export interface Keys {
  /** All sessions: ids, scored by when they idle out. */
  readonly sessions: string;
  session(id: string): string;
  /** The sessions of a user: ids, scored by absolute end. */
  user(userId: string): string;
  /** What a session keeps of its source. */
  kept(id: string): string;
  /** The sessions of an account or visit at a source, by a one-way name: ids, scored by absolute end. */
  named(name: string): string;
  /** When a name was withdrawn. */
  withdrawn(name: string): string;
  plan(id: string): string;
  tries(key: string): string;
  mark(key: string): string;
  score(key: string): string;
  /** By the name of its code. */
  handover(name: string): string;
  /** By the name of its key. */
  unsent(name: string): string;
}

/** The names under this prefix. */
export function keysOf(prefix: string, vault: Pick<Vault, 'name'>): Keys {
  return {
    sessions: `${prefix}sessions`,
    session: (id) => `${prefix}session:${id}`,
    user: (userId) => `${prefix}user:${vault.name('user', userId)}`,
    kept: (id) => `${prefix}source:${id}`,
    named: (name) => `${prefix}source-sessions:${name}`,
    withdrawn: (name) => `${prefix}source-withdrawn:${name}`,
    plan: (id) => `${prefix}plan:${id}`,
    tries: (key) => `${prefix}tries:${vault.name('throttle', key)}`,
    mark: (key) => `${prefix}mark:${vault.name('mark', key)}`,
    handover: (name) => `${prefix}handover:${name}`,
    unsent: (name) => `${prefix}unsent:${name}`,
    score: (key) => `${prefix}score:${vault.name('score', key)}`,
  };
}
