// Comfort only: every page works without this file.
for (const button of document.querySelectorAll('button.reveal')) {
  const input = document.getElementById(button.getAttribute('aria-controls'));
  const show = (visible) => {
    input.type = visible ? 'text' : 'password';
    button.textContent = visible ? button.dataset.hide : button.dataset.show;
    button.setAttribute('aria-label', visible ? button.dataset.hideLabel : button.dataset.showLabel);
  };
  button.hidden = false;
  button.addEventListener('click', () => {
    show(input.type === 'password');
    input.focus();
  });
  // Browsers remember what is sent from text fields.
  input.form.addEventListener('submit', () => show(false));
}

for (const form of document.querySelectorAll('form[method="post"]')) {
  form.addEventListener('submit', (event) => {
    // Another script sends the form when it is done.
    if (event.defaultPrevented) return;
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = 'yes';
    form.setAttribute('aria-busy', 'true');
  });
}

// Focus that need not scroll.
const low = document.querySelector('[data-focus-in-view]');
if (low && low.getBoundingClientRect().bottom <= innerHeight) low.focus({ preventScroll: true });

// Forms and links would drop the #fragment of the page that was asked for.
if (location.hash.length > 1 && !document.getElementById(location.hash.slice(1))) {
  for (const form of document.querySelectorAll('form[method="post"]')) {
    form.setAttribute('action', form.getAttribute('action') + location.hash);
  }
  for (const link of document.querySelectorAll('main a.button, main a[href^="/flow/"]')) {
    if (!link.hash) link.hash = location.hash;
  }
}

// Back from the next page: the form may be sent again.
addEventListener('pageshow', (event) => {
  if (!event.persisted) return;
  for (const form of document.querySelectorAll('form[data-sent]')) {
    delete form.dataset.sent;
    form.removeAttribute('aria-busy');
  }
});
