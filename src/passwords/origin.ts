/**
 * Who a hash is calculated for, carried along a flow's step without a parameter of every directory
 * and stage in between. Read by the hashing line alone; no origin never means a privilege.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { HashingFor, Origin } from '../core/people/hashing-origin.ts';
import { networksOf } from '../core/request/networks.ts';

const origins = new AsyncLocalStorage<Origin>();

/** Runs a task whose hashing counts for this address. */
export const hashingFor: HashingFor = (ip, device, task) =>
  origins.run({ networks: networksOf(ip), device }, task);

/** Of the task at hand; null outside of `hashingFor`. */
export function currentOrigin(): Origin | null {
  return origins.getStore() ?? null;
}
