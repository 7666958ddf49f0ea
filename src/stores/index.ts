/** The state stores there are, in reading order. One line for each folder. */
import type { StoreKind } from '../core/setup/adapters.ts';
import { embedded } from './embedded/store.ts';
import { redis } from './redis/store.ts';

// oxlint-disable-next-line typescript/no-explicit-any -- heterogeneous list; each entry is checked in its folder
export const stores: readonly StoreKind<any>[] = [embedded, redis];
