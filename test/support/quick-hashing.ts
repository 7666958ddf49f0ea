/** Loaded before a gateway (`--import`): replaces Argon2 with `quick-argon2.ts`. */
import { registerHooks } from 'node:module';

const QUICK = new URL('quick-argon2.ts', import.meta.url).href;

registerHooks({
  resolve(specifier, context, nextResolve) {
    const isOurs = specifier === '@node-rs/argon2' && context.parentURL !== QUICK;
    return nextResolve(isOurs ? QUICK : specifier, context);
  },
});
