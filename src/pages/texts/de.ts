/** The pages' own words in German; the type sees to it that none is missing. */
import type { en } from './en.ts';

export const de: Readonly<Record<keyof typeof en, string>> = {
  'page.title': '{title}',
  'page.title.refused': 'Fehler: {title}',
  'page.requested-by': 'Angefordert von',
  'page.step': 'Schritt {index} von {count}',
  'page.signing-in-as': 'Anmeldung als',
  'page.not-you': 'Sind Sie das nicht?',
  'page.start-again': 'Von vorn beginnen',
  'page.check-fields': 'Bitte sehen Sie sich das noch einmal an:',
  'page.show': 'Zeigen',
  'page.hide': 'Verbergen',
  'page.show-field': '{label} zeigen',
  'page.hide-field': '{label} verbergen',
  'page.error': 'Fehler:',
  'page.request': 'Anfrage',
  'page.code': 'Code',
  'page.rule': 'Regel',
  'page.for-helper': 'Für alle, die Ihnen helfen',
  'page.home': 'Ihre Apps',
  'page.retry': 'Noch einmal versuchen',
  'page.or': 'oder',
  'page.choose': 'Bitte wählen',
  'page.choose-none': 'Keine Angabe',
  'page.warning': 'Achtung:',

  'field.qr.type': 'Oder tippen Sie dieses Geheimnis ein:',
  'field.qr.open': 'In einer App auf diesem Gerät öffnen',
  'field.copy': 'Kopieren',
  'field.copied': 'Kopiert.',
  'field.copy-by-hand': 'Der Text ist markiert: Bitte kopieren Sie ihn von Hand.',
  'field.download': 'Herunterladen',
  'field.print': 'Drucken',

  'field.passkey.waiting': 'Bitte folgen Sie den Anweisungen des Browsers …',
  'field.passkey.cancelled':
    'Das wurde abgebrochen oder hat zu lange gedauert. Versuchen Sie es noch einmal, wenn Sie so weit sind.',
  'field.passkey.exists': 'Auf diesem Gerät oder Schlüssel ist schon ein Passkey eingerichtet.',
  'field.passkey.address': 'Unter dieser Adresse kann der Browser keine Passkeys verwenden.',
  'field.passkey.unable':
    'Dieses Gerät oder dieser Schlüssel kann nicht, was hier verlangt wird. Versuchen Sie es mit einem anderen.',
  'field.passkey.failed': 'Das hat nicht geklappt. Bitte versuchen Sie es noch einmal.',
  'field.passkey.none': 'Dieser Browser kann hier keine Passkeys verwenden.',
  'field.passkey.no-script':
    'Passkeys brauchen JavaScript. Bitte schalten Sie es für diese Seite ein.',

  'field.work.done': 'Fertig geprüft.',
  'field.work.failed':
    'Die Prüfung ist in diesem Browser nicht gelungen. Bitte laden Sie die Seite neu.',
  'field.work.insecure': 'Für diese Prüfung muss die Seite über https geöffnet sein.',
  'field.work.no-script':
    'Der Browser löst hier eine kleine Rechenaufgabe, damit Automaten es schwer haben. Dafür braucht er JavaScript. Bitte schalten Sie es für diese Seite ein.',

  'field.captcha.by': 'Diese Prüfung kommt von {provider} und wird dort verarbeitet.',
  'field.captcha.no-script':
    'Diese Prüfung braucht JavaScript. Bitte schalten Sie es für diese Seite ein.',

  'home.title': 'Ihre Apps',
  'home.signed-in': 'Angemeldet als',
  'home.sign-out': 'Abmelden',
  'home.none': 'Hier gibt es keine App, die Ihr Konto öffnen darf.',
  'home.none-help': 'Falls Sie eine erwarten, bitten Sie die Betreuung von {brand} um Zugang dazu.',
  'home.asks-more': 'Verlangt noch einen Schritt',
  'home.search': 'Ihre Apps durchsuchen',
  'home.search-go': 'Suchen',
  'home.nothing-found': 'Keine Ihrer Apps passt zu „{search}“.',
  'home.show-all': 'Alle Apps zeigen',

  'refused.denied.title': 'Diese App ist für Sie nicht offen',
  'refused.denied.text':
    'Sie sind als {user} angemeldet, und dieses Konto darf {host} nicht öffnen.',
  'refused.denied.text-nobody': 'Sie dürfen diesen Teil von {host} nicht öffnen.',
  'refused.denied.text-nameless': 'Das dürfen Sie nicht öffnen.',
  'refused.denied.help':
    'Wenn Sie sie brauchen, fragen Sie die Betreuung von {brand} und nennen Sie die Anfrage unten. Dort ist zu sehen, welche Regel Nein gesagt hat.',
  'refused.denied.switch': 'Mit einem anderen Konto anmelden',
  'refused.why': 'Warum?',
  'refused.trace': 'Regel für Regel',
  'refused.trace.yes': 'Ja',
  'refused.trace.no': 'Nein',
  'refused.trace.unjudged': 'Nicht geprüft',
  'refused.trace.public': 'offen für alle',
  'refused.trace.not': 'nicht {policy}',
  'refused.trace.any': 'eine davon muss Ja sagen',
  'refused.trace.all': 'jede davon muss Ja sagen',
  'refused.trace.dry-run': 'auf Probe: entscheidet nichts',
  'refused.trace.remedy': 'der Ablauf {flow} würde helfen',

  'refused.host.title': 'Hier ist nichts',
  'refused.host.text': '{brand} antwortet auf diesem Rechner, hat aber keine App für {host}.',
  'refused.host.text-nameless':
    '{brand} antwortet auf diesem Rechner, hat aber keine App unter diesem Namen.',
  'refused.host.help':
    'Prüfen Sie die Adresse auf Tippfehler. Wenn sie bis heute gestimmt hat, ist die App vielleicht umgezogen.',

  'refused.missing.title': 'Diese Seite gibt es nicht',
  'refused.missing.text': 'Vielleicht ist die Adresse vertippt, oder die Seite ist nicht mehr da.',

  'refused.request.title': 'Diese Anfrage lässt sich nicht lesen',
  'refused.request.text': 'Sie wurde an keine App weitergegeben.',
  'refused.request.help':
    'Vielleicht ist ein Link oder Lesezeichen beschädigt. Wenn es bei einem Link in der App passiert, sagen Sie der Betreuung von {brand} Bescheid.',

  'refused.limit.title': 'Das war zu oft',
  'refused.limit.text': 'In kurzer Zeit gab es zu viele Versuche.',

  'refused.down.title': 'Die App antwortet nicht',
  'refused.down.text':
    'Sie sind eingelassen, aber {host} selbst läuft nicht oder ist nicht erreichbar.',
  'refused.down.text-nameless':
    'Sie sind eingelassen, aber die App selbst läuft nicht oder ist nicht erreichbar.',
  'refused.timeout.title': 'Die App braucht zu lange',
  'refused.timeout.text':
    'Sie sind eingelassen, aber {host} hat nicht rechtzeitig geantwortet. Vielleicht ist dort viel los.',
  'refused.timeout.text-nameless':
    'Sie sind eingelassen, aber die App hat nicht rechtzeitig geantwortet. Vielleicht ist dort viel los.',
  'refused.app.help':
    'Wenn es anhält, sagen Sie der Betreuung der App Bescheid und nennen Sie die Anfrage unten.',

  'refused.unavailable.title': 'Gleich wieder da',
  'refused.unavailable.text':
    '{brand} kann gerade nicht prüfen, wer Sie sind, und öffnet deshalb nichts. Ihre Anmeldung ist nicht verloren.',
  'refused.unavailable.help':
    'Wenn es anhält, sagen Sie der Betreuung von {brand} Bescheid und nennen Sie die Anfrage unten.',

  'refused.busy.title': 'Zu viel auf einmal',
  'refused.busy.text':
    'Von {brand} wird gerade mehr verlangt, als es annimmt. Nichts von Ihnen ist verloren.',

  'refused.internal.title': 'Bei uns ist etwas schiefgegangen',
  'refused.internal.text': 'Dadurch wurde nichts geöffnet und nichts von Ihnen verändert.',
  'refused.internal.help':
    'Bitte versuchen Sie es noch einmal. Wenn es anhält, nennen Sie der Betreuung von {brand} die Anfrage unten.',

  'refused.wait':
    'Versuchen Sie es in {seconds, plural, one {# Sekunde} other {# Sekunden}} noch einmal.',
  'refused.wait-minutes':
    'Versuchen Sie es in {minutes, plural, one {# Minute} other {# Minuten}} noch einmal.',
};
