/** Loaded before a gateway (`--import`): gives it `quick-argon2.ts` in place of Argon2. */
import { registerHooks } from 'node:module';

const QUICK = new URL('quick-argon2.ts', import.meta.url).href;

registerHooks({
  resolve(specifier, context, nextResolve) {
    const isOurs = specifier === '@node-rs/argon2' && context.parentURL !== QUICK;
    return nextResolve(isOurs ? QUICK : specifier, context);
  },
});
