// Sends a captcha's answer under the name the form gives it, and nothing under those that its
// provider adds.
const THEIRS = ['cf-turnstile-response', 'h-captcha-response', 'g-recaptcha-response'];

for (const box of document.querySelectorAll('.captcha')) {
  box.closest('form').addEventListener('formdata', ({ formData }) => {
    const answers = THEIRS.map((name) => formData.get(name)).filter(Boolean);
    for (const name of THEIRS) formData.delete(name);
    formData.set(box.dataset.name, answers[0] ?? '');
  });
}
