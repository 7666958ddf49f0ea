/** Texts of the account deletion. */
import type { Texts } from '../../core/values/message.ts';

export const texts: Texts = {
  en: {
    'user_delete.title': 'Delete your account',
    'user_delete.lead': 'This deletes the account {name} and signs you out everywhere.',
    'user_delete.warning':
      'Your passkeys, authenticator apps and all other data about you are deleted, too. This cannot be undone.',
    'user_delete.name': 'To confirm, type {name}',
    'user_delete.sure': 'Yes, delete my account',
    'user_delete.submit': 'Delete for good',
    'user_delete.unsure.name': 'That is not your username. Nothing was deleted.',
    'user_delete.unsure.checkbox': 'Nothing was deleted. Tick the box if you are sure.',
    'user_delete.unproved': 'Please prove first who you are. Nothing was deleted.',
    'user_delete.stale':
      'It has been a while since you proved who you are. Please start again. Nothing was deleted.',
  },
  de: {
    'user_delete.title': 'Konto löschen',
    'user_delete.lead': 'Damit wird das Konto {name} gelöscht, und Sie werden überall abgemeldet.',
    'user_delete.warning':
      'Auch Passkeys, Authenticator-Apps und alles andere, was hier über Sie gespeichert ist, wird gelöscht. Das lässt sich nicht rückgängig machen.',
    'user_delete.name': 'Geben Sie zur Bestätigung {name} ein',
    'user_delete.sure': 'Ja, mein Konto löschen',
    'user_delete.submit': 'Endgültig löschen',
    'user_delete.unsure.name': 'Das ist nicht Ihr Benutzername. Es wurde nichts gelöscht.',
    'user_delete.unsure.checkbox':
      'Es wurde nichts gelöscht. Kreuzen Sie das Kästchen an, wenn Sie sicher sind.',
    'user_delete.unproved':
      'Bitte bestätigen Sie zuerst, dass Sie es sind. Es wurde nichts gelöscht.',
    'user_delete.stale':
      'Ihre letzte Bestätigung liegt zu lange zurück. Bitte beginnen Sie von vorn. Es wurde nichts gelöscht.',
  },
};
