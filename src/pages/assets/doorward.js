// Every page works without this file.
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
  // Browsers remember what text fields submit.
  input.form.addEventListener('submit', () => show(false));
}

for (const form of document.querySelectorAll('form[method="post"]')) {
  form.addEventListener('submit', (event) => {
    // Another script submits the form later.
    if (event.defaultPrevented) return;
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = 'yes';
    form.setAttribute('aria-busy', 'true');
  });
}

// Without scrolling, and after autofocus.
const low = document.querySelector('[data-focus-in-view]');
if (low && low.getBoundingClientRect().bottom <= innerHeight) {
  requestAnimationFrame(() => low.focus({ preventScroll: true }));
}

// Forms and links would drop the #fragment of the requested page.
if (location.hash.length > 1 && !document.getElementById(location.hash.slice(1))) {
  for (const form of document.querySelectorAll('form[method="post"]')) {
    form.setAttribute('action', form.getAttribute('action') + location.hash);
  }
  for (const link of document.querySelectorAll('main a.button, main a[href^="/flow/"]')) {
    if (!link.hash) link.hash = location.hash;
  }
}

// After the back button, a form may be sent again.
addEventListener('pageshow', (event) => {
  if (!event.persisted) return;
  for (const form of document.querySelectorAll('form[data-sent]')) {
    delete form.dataset.sent;
    form.removeAttribute('aria-busy');
  }
});
