// Submits a captcha's token under the name that the form gives it, and removes the fields that the
// provider adds.
const PROVIDER_FIELDS = ['cf-turnstile-response', 'h-captcha-response', 'g-recaptcha-response'];

for (const box of document.querySelectorAll('.captcha')) {
  box.closest('form').addEventListener('formdata', ({ formData }) => {
    const tokens = PROVIDER_FIELDS.map((name) => formData.get(name)).filter(Boolean);
    for (const name of PROVIDER_FIELDS) formData.delete(name);
    formData.set(box.dataset.name, tokens[0] ?? '');
  });
}
