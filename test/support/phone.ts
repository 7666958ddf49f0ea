/** An authenticator app as on a phone: a secret, and a code that was not used before. */
import { setTimeout as delay } from 'node:timers/promises';
import { TOTP } from 'otpauth';

/** Seconds for which a code is shown. */
const PERIOD = 30;

/** The app for a secret as it is shown for typing, with spaces. */
export function phoneWith(
  shown: string,
  clock = Date.now,
): { readonly code: () => string; readonly next: () => Promise<string> } {
  const totp = new TOTP({ secret: shown.replaceAll(' ', ''), digits: 6, period: PERIOD });
  const used = new Set<number>();
  return {
    /**
     * A code that is valid now and was not returned before: up to three in half a minute, more than
     * a user needs.
     */
    code() {
      const now = Math.floor(clock() / 1000 / PERIOD);
      // The step before last is valid only for a moment, so the one before now comes last.
      const step = [now, now + 1, now - 1].find((one) => !used.has(one));
      if (step === undefined) throw new Error('this app has shown three codes already');
      used.add(step);
      return totp.generate({ timestamp: step * PERIOD * 1000 });
    },
    /** The same, but valid for half a minute or more: waits until the phone shows such codes. */
    async next() {
      for (;;) {
        const now = Math.floor(clock() / 1000 / PERIOD);
        const step = [now, now + 1].find((one) => !used.has(one));
        if (step === undefined) {
          await delay(100);
          continue;
        }
        used.add(step);
        return totp.generate({ timestamp: step * PERIOD * 1000 });
      }
    },
  };
}

export type Phone = ReturnType<typeof phoneWith>;
