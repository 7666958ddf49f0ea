/** A start that takes a while says so: the first one after an update compiles everything. */

/** After how long, in milliseconds. */
const PATIENCE = 1_000;

/** What it says, on standard error. */
export const STARTING = 'doorward: starting; the first start after an update takes a few seconds\n';

/** Says it unless the function it returns is called before. */
export function sayIfSlow(
  say: (text: string) => void = (text) => void process.stderr.write(text),
  patience = PATIENCE,
): () => void {
  const timer = setTimeout(() => say(STARTING), patience).unref();
  return () => clearTimeout(timer);
}
