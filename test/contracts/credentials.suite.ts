/** The contract of every credential reader. */
import { beforeEach, describe, expect, it } from 'vitest';
import {
  type CredentialReader,
  type Found,
  type Presented,
  presentOf,
} from '../../src/core/access/visitors.ts';
import type { Accepts } from '../../src/core/routes/accepts.ts';

/** A reader and its surroundings: one enabled user with one valid credential. */
export interface CredentialWorld {
  readonly reader: CredentialReader;
  readonly userId: string;
  /** What counts in the Authorization field; left out for readers of cookies. */
  readonly accepts?: Accepts;
  /** A request without a credential of this kind. */
  readonly bare: Presented;
  readonly valid: Presented;
  /** Credentials of this kind that must be rejected. */
  readonly invalid: readonly Presented[];
  /** Revokes the valid credential, as another process would. */
  readonly revoke: () => Promise<void>;
  readonly disableUser: () => void;
  /** From now on, the stores reject every read with `the store is down`. */
  readonly breakStores: () => void;
  /** The number of reads from stores and directory. */
  readonly reads: () => number;
}

/** Registers the contract for a reader. */
export function credentialsContract(name: string, make: () => Promise<CredentialWorld>): void {
  describe(`the credential reader ${name}`, () => {
    let world: CredentialWorld;
    beforeEach(async () => {
      world = await make();
    });
    const find = async (request: Presented): Promise<Found | undefined> =>
      world.reader.find(request, 'use', world.accepts);
    const userOf = async (request: Presented): Promise<string | null> =>
      presentOf((await find(request)) ?? null)?.user.id ?? null;

    it('has its name', () => {
      expect(world.reader.name).toBe(name);
    });

    it('leaves a request without its credential to the next reader, without a read', () => {
      expect(world.reader.find(world.bare, 'use', world.accepts)).toBeUndefined();
      expect(world.reads()).toBe(0);
    });

    it('finds the user of a valid credential', async () => {
      expect(await userOf(world.valid)).toBe(world.userId);
    });

    it('returns a visitor it has just found synchronously and without a read', async () => {
      await find(world.valid);
      const before = world.reads();
      expect(world.reader.find(world.valid, 'use', world.accepts)).not.toBeInstanceOf(Promise);
      expect(world.reads()).toBe(before);
    });

    it('rejects an invalid credential without failing', async () => {
      expect(world.invalid.length).toBeGreaterThan(0);
      for (const request of world.invalid) expect(await userOf(request)).toBeNull();
    });

    it('refuses a revoked credential at once, even if it has just accepted it', async () => {
      await find(world.valid);
      await world.revoke();
      expect(await userOf(world.valid)).toBeNull();
    });

    it('refuses the credential of a disabled user at once', async () => {
      await find(world.valid);
      world.disableUser();
      expect(await userOf(world.valid)).toBeNull();
    });

    it('fails when its stores fail, rather than treat the visitor as anonymous', async () => {
      world.breakStores();
      await expect(find(world.valid)).rejects.toThrow('the store is down');
    });
  });
}
