// Proof of work (altcha): finds the number whose digest with the salt is the challenge. Runs in the
// page in batches, so the page stays responsive.
const BATCH = 512;
const encoder = new TextEncoder();

const toHex = (buffer) =>
  Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, '0')).join('');

/** The number, or null if none up to the maximum fits. */
async function solve({ algorithm, challenge, salt, maxnumber }) {
  const last = Number(maxnumber);
  for (let from = 0; from <= last; from += BATCH) {
    const numbers = Array.from({ length: Math.min(BATCH, last - from + 1) }, (_, i) => from + i);
    const digests = await Promise.all(
      numbers.map((number) => crypto.subtle.digest(algorithm, encoder.encode(salt + number))),
    );
    const found = digests.findIndex((digest) => toHex(digest) === challenge.toLowerCase());
    if (found >= 0) return from + found;
  }
  return null;
}

function setUp(box) {
  const input = box.querySelector('input');
  const message = box.querySelector('[role]');
  const { form } = input;
  const task = JSON.parse(box.dataset.task);
  let waiting = null;

  const show = (word) => {
    message.textContent = box.dataset[word];
    box.dataset.state = word;
    form.removeAttribute('aria-busy');
  };
  const work = async () => {
    if (!globalThis.crypto?.subtle) return show('insecure');
    try {
      const number = await solve(task);
      if (number === null) return show('failed');
      const { algorithm, challenge, salt, signature } = task;
      input.value = JSON.stringify({ algorithm, challenge, number, salt, signature });
      show('done');
      if (waiting !== null) form.requestSubmit(waiting.submitter);
    } catch {
      show('failed');
    }
  };
  // A form submitted too early is held back and submitted when the result is there.
  form.addEventListener('submit', (event) => {
    if (box.dataset.state !== 'working' || event.submitter?.formNoValidate) return;
    event.preventDefault();
    waiting = event;
    form.setAttribute('aria-busy', 'true');
  });
  box.dataset.state = 'working';
  void work();
}

for (const box of document.querySelectorAll('.work')) setUp(box);
