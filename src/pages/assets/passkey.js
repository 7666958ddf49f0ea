// Passkeys: passes the page's options to navigator.credentials, puts the response into the form, and
// submits it. With conditional mediation, browsers also offer passkeys as autofill of the username.
const toBytes = (text) =>
  Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.codePointAt(0));
const toText = (buffer) =>
  btoa(String.fromCodePoint(...new Uint8Array(buffer)))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '');

/** The options from JSON, converted by hand in browsers that lack the method. */
function optionsOf(ceremony, json) {
  const parse =
    ceremony === 'create' ? 'parseCreationOptionsFromJSON' : 'parseRequestOptionsFromJSON';
  if (PublicKeyCredential[parse]) return PublicKeyCredential[parse](json);
  const keys = (list) => (list ?? []).map((key) => ({ ...key, id: toBytes(key.id) }));
  const options = { ...json, challenge: toBytes(json.challenge) };
  if (ceremony === 'get') return { ...options, allowCredentials: keys(json.allowCredentials) };
  options.user = { ...json.user, id: toBytes(json.user.id) };
  return { ...options, excludeCredentials: keys(json.excludeCredentials) };
}

/** The response as JSON, by hand if need be: some password managers ship a broken toJSON. */
function responseOf(credential) {
  try {
    return JSON.stringify(credential.toJSON());
  } catch {
    const from = credential.response;
    const response = { clientDataJSON: toText(from.clientDataJSON) };
    for (const part of ['attestationObject', 'authenticatorData', 'signature', 'userHandle']) {
      if (from[part]) response[part] = toText(from[part]);
    }
    if (from.getTransports) response.transports = from.getTransports();
    return JSON.stringify({
      id: credential.id,
      rawId: toText(credential.rawId),
      type: credential.type,
      authenticatorAttachment: credential.authenticatorAttachment ?? undefined,
      clientExtensionResults: credential.getClientExtensionResults(),
      response,
    });
  }
}

const WORDS = {
  NotAllowedError: 'cancelled',
  TimeoutError: 'cancelled',
  InvalidStateError: 'exists',
  SecurityError: 'address',
  NotSupportedError: 'unable',
  ConstraintError: 'unable',
};

// One request at a time for the whole page: browsers reject a second one while the first is open.
let running = null;
// Offers passkeys as autofill again, if a button of the page does so.
let offerAgain = async () => {};

function stop() {
  running?.abort();
  running = null;
}

function setUp(box) {
  const { ceremony, conditional } = box.dataset;
  const input = box.querySelector('input');
  const button = box.querySelector('button');
  const message = box.querySelector('[role]');
  const { form } = input;

  const show = (word, isWrong = true) => {
    message.textContent = word === null ? '' : box.dataset[word];
    message.classList.toggle('error', isWrong);
  };
  const ask = async (mediation) => {
    stop();
    const mine = new AbortController();
    running = mine;
    const publicKey = optionsOf(ceremony, JSON.parse(box.dataset.options));
    const request = { publicKey, signal: mine.signal, ...(mediation && { mediation }) };
    let credential = null;
    try {
      credential = await navigator.credentials[ceremony](request);
      if (running !== mine) return;
    } finally {
      if (running === mine) running = null;
    }
    if (credential === null) return;
    input.value = responseOf(credential);
    // The passkey is the whole submission; other fields may stay empty.
    form.noValidate = true;
    form.requestSubmit();
  };
  const offer = async () => {
    try {
      if (await PublicKeyCredential.isConditionalMediationAvailable?.()) await ask('conditional');
    } catch {
      // Named fallback: the button still works and shows what went wrong.
    }
  };

  if (!globalThis.PublicKeyCredential || !navigator.credentials) return show('none');
  button.hidden = false;
  button.disabled = false;
  // Not by autofocus, which runs before the button is visible.
  if ('focus' in button.dataset) button.focus();
  button.addEventListener('click', async (event) => {
    event.preventDefault();
    if (box.dataset.busy || form.dataset.sent) return;
    box.dataset.busy = 'yes';
    show('waiting', false);
    try {
      await ask();
    } catch (error) {
      if (error.name !== 'AbortError') show(WORDS[error.name] ?? 'failed');
      // Not if another button of the page has taken over.
      if (running === null) void offerAgain();
    } finally {
      delete box.dataset.busy;
    }
  });
  form.addEventListener('submit', (event) => {
    if (!event.defaultPrevented) stop();
  });
  // Restored by the back button: a response counts once.
  addEventListener('pageshow', (event) => {
    if (!event.persisted) return;
    input.value = '';
    show(null, false);
  });
  if (conditional !== undefined) offerAgain = offer;
}

for (const box of document.querySelectorAll('.passkey')) setUp(box);
addEventListener('pageshow', (event) => {
  if (event.persisted) void offerAgain();
});
void offerAgain();
