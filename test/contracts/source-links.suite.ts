/** The part of the account contract about accounts at other providers, for the store and for its fake. */
import { describe, expect, it } from 'vitest';
import {
  MOST_LINKS,
  type SourceLink,
  type SourceLinks,
} from '../../src/core/sources/source-link.ts';
import { ANN, BOB } from './accounts-world.ts';

/** Zoe's account at one provider, as ann's. */
function linkOf(changes: Partial<SourceLink> = {}): SourceLink {
  return {
    issuer: 'https://login.example.net',
    subject: 'zoe-1',
    userId: ANN,
    source: 'company',
    createdAt: 1_790_000_000_000,
    lastUsedAt: null,
    ...changes,
  };
}

/** Registers this part of the contract; `open` gives an empty store. */
export function sourceLinksContract(
  kind: string,
  open: () => SourceLinks | Promise<SourceLinks>,
): void {
  describe(`${kind} links to accounts at sources`, () => {
    it('are found by issuer and subject together', async () => {
      const links = await open();
      await links.linkSource(linkOf());
      await links.linkSource(linkOf({ issuer: 'https://other.example.net', userId: BOB }));
      expect(await links.sourceLink(linkOf())).toEqual(linkOf());
      expect(
        (await links.sourceLink(linkOf({ issuer: 'https://other.example.net' })))?.userId,
      ).toBe(BOB);
      for (const other of [{ subject: 'ZOE-1' }, { subject: '' }, { issuer: '%' }]) {
        expect(await links.sourceLink(linkOf(other))).toBeNull();
      }
    });

    it('are listed for their user, the oldest first', async () => {
      const links = await open();
      const [late, early] = [linkOf({ createdAt: 20 }), linkOf({ subject: 'b', createdAt: 10 })];
      for (const link of [late, early, linkOf({ subject: 'c', userId: BOB })]) {
        await links.linkSource(link);
      }
      expect(await links.sourceLinks(ANN)).toEqual([early, late]);
      expect(await links.sourceLinks('embedded/none')).toEqual([]);
    });

    it('belong to one user', async () => {
      const links = await open();
      await links.linkSource(linkOf());
      await links.linkSource(linkOf({ createdAt: 1 }));
      await expect(links.linkSource(linkOf({ userId: BOB }))).rejects.toMatchObject({
        code: 'source/linked',
        status: 409,
      });
      expect(await links.sourceLinks(ANN)).toEqual([linkOf()]);
    });

    it('remember their last use', async () => {
      const links = await open();
      await links.linkSource(linkOf());
      await links.useSource(linkOf(), { source: 'other', at: 5 });
      await links.useSource(linkOf({ subject: 'unknown' }), { source: 'other', at: 5 });
      expect(await links.sourceLink(linkOf())).toEqual(linkOf({ source: 'other', lastUsedAt: 5 }));
    });

    it('are removed for their own user alone', async () => {
      const links = await open();
      await links.linkSource(linkOf());
      expect(await links.unlinkSource(BOB, linkOf())).toBe(false);
      expect(await links.unlinkSource(ANN, linkOf())).toBe(true);
      expect(await links.unlinkSource(ANN, linkOf())).toBe(false);
      expect(await links.sourceLink(linkOf())).toBeNull();
    });

    it('are limited in number and size', async () => {
      const links = await open();
      for (let i = 0; i < MOST_LINKS; i += 1) {
        await links.linkSource(linkOf({ subject: `zoe-${i}` }));
      }
      await expect(links.linkSource(linkOf({ subject: 'more' }))).rejects.toMatchObject({
        code: 'source/too-many',
      });
      for (const wrong of [
        { subject: '' },
        { subject: 'x'.repeat(256) },
        { issuer: '' },
        { issuer: 'x'.repeat(2049) },
        { userId: '' },
        { source: 'x'.repeat(65) },
      ]) {
        await expect(links.linkSource(linkOf({ userId: BOB, ...wrong }))).rejects.toMatchObject({
          code: 'source/shape',
          status: 400,
        });
      }
    });
  });
}
