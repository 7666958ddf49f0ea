/** Why an email was sent, in German. */
import type { OccasionTexts } from '../occasion-texts.ts';

export const german: OccasionTexts = {
  of: {
    authentication: {
      topic: 'Anmelden',
      purpose: 'Für das Konto {account} wurde eine Anmeldung begonnen.',
      advice:
        'Wenn Sie das nicht waren, verwenden Sie nichts aus dieser E-Mail und geben Sie nichts davon weiter. Möglicherweise kennt jemand anderes Ihr Passwort: Ändern Sie es und informieren Sie Ihre Administration.',
    },
    authorization: {
      topic: 'Bestätigen, dass Sie es sind',
      purpose: 'Eine App verlangt eine Bestätigung für das Konto {account}.',
      advice:
        'Wenn Sie das nicht waren, verwenden Sie nichts aus dieser E-Mail und geben Sie nichts davon weiter. Melden Sie sich überall ab und informieren Sie Ihre Administration.',
    },
    enrollment: {
      topic: 'E-Mail-Adresse bestätigen',
      purpose: 'Mit dieser E-Mail-Adresse wurde ein neues Konto beantragt.',
      advice:
        'Wenn Sie das nicht waren, ignorieren Sie diese E-Mail. Ohne sie wird kein Konto angelegt.',
    },
    recovery: {
      topic: 'Passwort zurücksetzen',
      purpose: 'Für das Konto {account} wurde ein neues Passwort angefordert.',
      advice:
        'Wenn Sie das nicht waren, ignorieren Sie diese E-Mail: Ihr Passwort bleibt, wie es ist. Wenn weitere kommen, informieren Sie Ihre Administration.',
    },
    invalidation: {
      topic: 'Abmelden',
      purpose: 'Für das Konto {account} wurde eine Abmeldung begonnen.',
      advice: 'Wenn Sie das nicht waren, ignorieren Sie diese E-Mail.',
    },
    unenrollment: {
      topic: 'Konto löschen',
      purpose: 'Die Löschung des Kontos {account} wurde angefordert.',
      advice:
        'Wenn Sie das nicht waren, verwenden Sie nichts aus dieser E-Mail und geben Sie nichts davon weiter. Ändern Sie Ihr Passwort und informieren Sie Ihre Administration.',
    },
    configuration: {
      topic: 'Änderung bestätigen',
      purpose: 'Für das Konto {account} wurde eine Änderung der Anmeldemethoden angefordert.',
      advice:
        'Wenn Sie das nicht waren, verwenden Sie nichts aus dieser E-Mail und geben Sie nichts davon weiter. Ändern Sie Ihr Passwort und informieren Sie Ihre Administration.',
    },
  },
  origin: 'Die Anfrage kam von {browser} unter der Netzwerkadresse {address}.',
  originWithoutBrowser: 'Die Anfrage kam von der Netzwerkadresse {address}.',
};
