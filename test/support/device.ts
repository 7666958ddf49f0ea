/**
 * A device with passkeys for a page in Chromium, which replies at once, as if its owner always
 * agreed.
 */
import type { BrowserContext, Page } from 'playwright-core';

/** A passkey on the device. `userHandle` is base64, as the protocol writes it. */
export interface DevicePasskey {
  readonly credentialId: string;
  readonly rpId?: string;
  readonly userHandle?: string;
}

/** Connects a device that verifies its owner. Returns a function that lists its passkeys. */
export async function plugIn(
  context: BrowserContext,
  page: Page,
): Promise<() => Promise<readonly DevicePasskey[]>> {
  const cdp = await context.newCDPSession(page);
  await cdp.send('WebAuthn.enable');
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return async () => {
    const { credentials } = await cdp.send('WebAuthn.getCredentials', { authenticatorId });
    return credentials;
  };
}

/** Calls navigator.credentials in the page. Returns the credential as JSON, or the name of the error. */
export function askCredentials(
  page: Page,
  ceremony: 'create' | 'get',
  options: unknown,
): Promise<string> {
  const parse =
    ceremony === 'create' ? 'parseCreationOptionsFromJSON' : 'parseRequestOptionsFromJSON';
  return page.evaluate(`
    navigator.credentials
      .${ceremony}({ publicKey: PublicKeyCredential.${parse}(${JSON.stringify(options)}) })
      .then((credential) => JSON.stringify(credential), (error) => error.name)
  `);
}

/**
 * Keeps the browser from offering passkeys beside the username: this device would reply at once.
 */
export async function withoutAutofill(page: Page): Promise<void> {
  await page.addInitScript(
    // A blank page has no passkeys (Web Authentication needs a secure context).
    `if ('PublicKeyCredential' in globalThis)
      PublicKeyCredential.isConditionalMediationAvailable = () => Promise.resolve(false);`,
  );
}
