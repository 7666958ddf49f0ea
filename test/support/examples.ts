/** Reads what a plug-in gives the contract of its list: `examples.ts` in its folder. */

/** The export `examples` of the file. Rejects if the folder has none. */
export async function examplesOf<E>(list: string, name: string): Promise<E> {
  const file = new URL(`../../src/${list}/${name}/examples.ts`, import.meta.url);
  const { examples }: { readonly examples: E } = await import(/* @vite-ignore */ file.href);
  return examples;
}
