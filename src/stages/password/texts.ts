/**
 * Texts of the password stage. The error is the same for a wrong password and an unknown username.
 */
import type { Texts } from '../../core/values/message.ts';

export const texts: Texts = {
  en: {
    'password.title': 'Enter your password',
    'password.label': 'Password',
    'password.submit': 'Sign in',
    'password.restart': 'Not you?',
    'password.forgotten': 'Forgot your password?',
    'password.wrong': 'Wrong username or password. Check both and try again.',
    'password.expired':
      'This password has expired. Change it where your organization lets you, then sign in here.',
    'password.busy': 'Many people are signing in right now. Please try again in a moment.',
    'password.throttled':
      'Too many attempts. Try again in {minutes, plural, one {a minute} other {# minutes}}.',
    'password.nobody': 'Please start again and enter your username first.',
  },
  de: {
    'password.title': 'Geben Sie Ihr Passwort ein',
    'password.label': 'Passwort',
    'password.submit': 'Anmelden',
    'password.restart': 'Sind Sie das nicht?',
    'password.forgotten': 'Passwort vergessen?',
    'password.wrong':
      'Benutzername oder Passwort ist falsch. Prüfen Sie beides und versuchen Sie es noch einmal.',
    'password.expired':
      'Dieses Passwort ist abgelaufen. Ändern Sie es dort, wo Ihre Organisation es vorsieht, und melden Sie sich dann hier an.',
    'password.busy':
      'Gerade melden sich viele Menschen an. Bitte versuchen Sie es gleich noch einmal.',
    'password.throttled':
      'Zu viele Versuche. Versuchen Sie es in {minutes, plural, one {einer Minute} other {# Minuten}} noch einmal.',
    'password.nobody': 'Bitte beginnen Sie von vorn und geben Sie zuerst Ihren Benutzernamen ein.',
  },
};
