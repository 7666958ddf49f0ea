// Buttons to copy, download, and print secrets that are shown once. Convenience only: users can do all
// of this by hand.
function textOf(box) {
  return Array.from(box.querySelectorAll('[data-keep]'), (part) => part.textContent).join('\n');
}

function select(box) {
  const [first] = box.querySelectorAll('[data-keep]');
  const range = document.createRange();
  range.selectNodeContents(first.closest('ol') ?? first);
  getSelection().removeAllRanges();
  getSelection().addRange(range);
}

function download(box) {
  const text = `${location.host}\n${document.title}\n\n${textOf(box)}\n`;
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: 'text/plain' }));
  link.download = `${location.hostname}.txt`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

async function copy(box) {
  const message = box.querySelector('[role=status]');
  try {
    await navigator.clipboard.writeText(textOf(box));
    message.textContent = box.dataset.copied;
  } catch {
    // Named fallback: the text is selected instead. Copying needs HTTPS and permission.
    select(box);
    message.textContent = box.dataset.byHand;
  }
}

const DOES = { copy, download, print: () => print() };

for (const button of document.querySelectorAll('button[data-does]')) {
  const box = button.closest('.keep');
  button.hidden = false;
  button.addEventListener('click', () => void DOES[button.dataset.does](box));
}
