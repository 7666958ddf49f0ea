/** The German texts of the pages. The type requires every key of the English texts. */
import type { en } from './en.ts';

export const de: Readonly<Record<keyof typeof en, string>> = {
  'page.title': '{title}',
  'page.title.refused': 'Fehler: {title}',
  'page.requested-by': 'Angefordert von',
  'page.step': 'Schritt {index} von {count}',
  'page.signing-in-as': 'Anmeldung als',
  'page.not-you': 'Sind Sie das nicht?',
  'page.check-fields': 'Bitte prüfen Sie diese Felder:',
  'page.show': 'Anzeigen',
  'page.hide': 'Verbergen',
  'page.show-field': '{label} anzeigen',
  'page.hide-field': '{label} verbergen',
  'page.error': 'Fehler:',
  'page.request': 'Anfrage-ID',
  'page.code': 'Fehlercode',
  'page.rule': 'Regel',
  'page.support': 'Angaben für den Support',
  'page.home': 'Ihre Apps',
  'page.start-again': 'Noch einmal starten',
  'page.retry': 'Erneut versuchen',
  'page.or': 'oder',
  'page.choose': 'Bitte wählen',
  'page.choose-none': 'Keine Auswahl',
  'page.warning': 'Achtung:',

  'field.qr.type': 'Oder geben Sie diesen Schlüssel von Hand ein:',
  'field.qr.open': 'In einer App auf diesem Gerät öffnen',
  'field.copy': 'Kopieren',
  'field.copied': 'Kopiert.',
  'field.copy-by-hand':
    'Ihr Browser hat das Kopieren verhindert. Der Text ist markiert, Sie können ihn selbst kopieren.',
  'field.download': 'Herunterladen',
  'field.print': 'Drucken',

  'field.passkey.waiting': 'Folgen Sie den Anweisungen Ihres Browsers …',
  'field.passkey.cancelled':
    'Der Vorgang wurde abgebrochen oder hat zu lange gedauert. Versuchen Sie es noch einmal, wenn Sie so weit sind.',
  'field.passkey.exists':
    'Auf diesem Gerät oder Sicherheitsschlüssel gibt es bereits einen Passkey für Ihr Konto.',
  'field.passkey.address':
    'Unter dieser Adresse funktionieren Passkeys nicht. Bitte informieren Sie die Administration dieser Website.',
  'field.passkey.unable':
    'Dieses Gerät oder dieser Sicherheitsschlüssel erfüllt die Anforderungen nicht. Versuchen Sie es mit einem anderen.',
  'field.passkey.failed':
    'Mit dem Passkey hat etwas nicht geklappt. Bitte versuchen Sie es noch einmal.',
  'field.passkey.none':
    'Dieser Browser unterstützt hier keine Passkeys. Aktualisieren Sie ihn oder verwenden Sie einen anderen.',
  'field.passkey.no-script':
    'Passkeys benötigen JavaScript. Aktivieren Sie es für diese Website und laden Sie die Seite neu.',

  'field.work.done': 'Prüfung abgeschlossen.',
  'field.work.failed':
    'Die Prüfung ist in diesem Browser fehlgeschlagen. Laden Sie die Seite neu, um es noch einmal zu versuchen.',
  'field.work.insecure':
    'Diese Prüfung funktioniert nur über HTTPS. Öffnen Sie die Seite unter einer Adresse, die mit https:// beginnt.',
  'field.work.no-script':
    'Zum Schutz vor Bots löst Ihr Browser hier eine kleine Rechenaufgabe. Dafür benötigt er JavaScript. Aktivieren Sie es für diese Website und laden Sie die Seite neu.',

  'field.captcha.by': '{provider} stellt diese Prüfung bereit und verarbeitet Ihre Antworten.',
  'field.captcha.no-script':
    'Diese Prüfung benötigt JavaScript. Aktivieren Sie es für diese Website und laden Sie die Seite neu.',

  'home.title': 'Ihre Apps',
  'home.signed-in': 'Angemeldet als',
  'home.sign-out': 'Abmelden',
  'home.account': 'Ihr Konto',
  'home.none': 'Sie haben noch keinen Zugriff auf Apps.',
  'home.none-help': 'Fehlt Ihnen eine App? Bitten Sie die Administration von {brand} um Zugriff.',
  'home.asks-more': 'Erfordert einen weiteren Schritt',
  'home.search': 'Ihre Apps durchsuchen',
  'home.search-go': 'Suchen',
  'home.nothing-found': 'Keine Apps zu „{search}“ gefunden.',
  'home.show-all': 'Alle Apps anzeigen',

  'refused.denied.title': 'Sie haben keinen Zugriff auf diese Seite',
  'refused.denied.text':
    'Sie sind als {user} angemeldet, aber dieses Konto darf diese Seite auf {host} nicht öffnen.',
  'refused.denied.text-anonymous': 'Sie dürfen diese Seite auf {host} nicht öffnen.',
  'refused.denied.text-nameless': 'Sie dürfen diese Seite nicht öffnen.',
  'refused.denied.help':
    'Sie benötigen Zugriff? Wenden Sie sich an die Administration von {brand} und nennen Sie die Angaben unten. Sie zeigen, welche Regel den Zugriff verweigert hat.',
  'refused.denied.switch': 'Mit einem anderen Konto anmelden',
  'refused.reasons': 'Warum?',
  'refused.trace': 'Regel für Regel',
  'refused.trace.yes': 'Erfüllt',
  'refused.trace.no': 'Nicht erfüllt',
  'refused.trace.unchecked': 'Nicht geprüft',
  'refused.trace.public': 'offen für alle',
  'refused.trace.closed': 'für alle gesperrt',
  'refused.trace.public-if': 'ohne Anmeldung nur offen, wenn all dies erfüllt ist',
  'refused.trace.not': 'nicht {policy}',
  'refused.trace.any': 'mindestens eine davon muss erfüllt sein',
  'refused.trace.all': 'alle davon müssen erfüllt sein',
  'refused.trace.dry-run': 'Probelauf: ohne Einfluss auf das Ergebnis',
  'refused.trace.remedy': 'der Ablauf {flow} schafft Abhilfe',

  'refused.host.title': 'Unter dieser Adresse gibt es keine App',
  'refused.host.text': '{brand} läuft hier, hat aber keine App für {host}.',
  'refused.host.text-nameless': '{brand} läuft hier, hat aber keine App unter dieser Adresse.',
  'refused.host.help':
    'Prüfen Sie die Adresse auf Tippfehler. Wenn sie früher funktioniert hat, ist die App vielleicht umgezogen.',

  'refused.missing.title': 'Seite nicht gefunden',
  'refused.missing.text':
    'Vielleicht enthält die Adresse einen Tippfehler, oder die Seite wurde entfernt.',

  'refused.request.title': 'Diese Anfrage ist ungültig',
  'refused.request.text': 'Sie wurde an keine App weitergeleitet.',
  'refused.request.help':
    'Vielleicht ist der Link oder das Lesezeichen beschädigt. Wenn Sie einem Link in der App gefolgt sind, informieren Sie bitte die Administration von {brand}.',

  'refused.handover.title': 'Bitte noch einmal starten',
  'refused.handover.text':
    'Der Link, der Ihre Anmeldung hierher übertragen sollte, wurde schon benutzt, ist abgelaufen oder gehört zu einem anderen Browser.',
  'refused.handover.help':
    'Starten Sie noch einmal. Solange Sie angemeldet sind, brauchen Sie kein Passwort.',
  'refused.unsent.title': 'Hier gibt es nichts zu senden',
  'refused.unsent.text':
    'Das Formular wurde schon gesendet oder verworfen, ist abgelaufen oder gehört zu einer anderen Person oder einem anderen Browser. Wenn Sie es noch senden müssen, füllen Sie es bitte noch einmal aus.',
  'refused.limit.title': 'Zu viele Versuche',
  'refused.limit.text': 'In kurzer Zeit gab es zu viele Versuche.',

  'refused.down.title': 'Die App antwortet nicht',
  'refused.down.text': 'Sie haben Zugriff, aber {host} läuft nicht oder ist nicht erreichbar.',
  'refused.down.text-nameless':
    'Sie haben Zugriff, aber die App läuft nicht oder ist nicht erreichbar.',
  'refused.timeout.title': 'Die App braucht zu lange',
  'refused.timeout.text':
    'Sie haben Zugriff, aber {host} hat nicht rechtzeitig geantwortet. Vielleicht ist die App überlastet.',
  'refused.timeout.text-nameless':
    'Sie haben Zugriff, aber die App hat nicht rechtzeitig geantwortet. Vielleicht ist sie überlastet.',
  'refused.app.help':
    'Wenn das öfter vorkommt, wenden Sie sich an die Administration der App und nennen Sie die Angaben unten.',

  'refused.unavailable.title': 'Vorübergehend nicht verfügbar',
  'refused.unavailable.text':
    '{brand} kann Ihre Anmeldung gerade nicht prüfen. Solange bleibt der Zugriff gesperrt. Ihre Anmeldung geht nicht verloren.',
  'refused.unavailable.help':
    'Wenn das öfter vorkommt, wenden Sie sich an die Administration von {brand} und nennen Sie die Angaben unten.',

  'refused.busy.title': 'Gerade überlastet',
  'refused.busy.text':
    '{brand} erhält mehr Anfragen, als es bearbeiten kann. Ihre Anmeldung ist davon nicht betroffen.',

  'refused.internal.title': 'Bei uns ist etwas schiefgegangen',
  'refused.internal.text': 'Ihre Anfrage wurde nicht ausgeführt, und es wurde nichts geändert.',
  'refused.internal.help':
    'Bitte versuchen Sie es noch einmal. Wenn das öfter vorkommt, wenden Sie sich an die Administration von {brand} und nennen Sie die Angaben unten.',

  'refused.wait':
    'Versuchen Sie es in {seconds, plural, one {# Sekunde} other {# Sekunden}} noch einmal.',
  'refused.wait-minutes':
    'Versuchen Sie es in {minutes, plural, one {# Minute} other {# Minuten}} noch einmal.',

  'embedded.title': 'Melden Sie sich an, um diese Seite zu sehen',
  'embedded.text':
    '{host} wird innerhalb einer anderen Seite angezeigt, in der sich die Anmeldung nicht öffnet. Öffnen Sie {host} in einem neuen Tab, und melden Sie sich dort an. Kommen Sie dann zurück, und laden Sie neu.',
  'embedded.third-party.title': 'Diese Seite kann hier nicht angezeigt werden',
  'embedded.third-party.text':
    '{host} ist in eine andere Website eingebettet. Dort senden Browser das Cookie nicht, das Ihre Anmeldung bewahrt. Öffnen Sie {host} stattdessen in einem neuen Tab.',
  'embedded.open': 'In neuem Tab öffnen',
  'embedded.reload': 'Neu laden',

  'unsent.title': 'Formular senden?',
  'unsent.text':
    'Ihr Formular hat {host} nicht erreicht, weil Sie sich zuerst anmelden mussten. Prüfen Sie, was gesendet wird.',
  'unsent.address': 'Wird gesendet an',
  'unsent.empty': 'Leer',
  'unsent.hidden': 'Wird gesendet, aber hier nicht angezeigt',
  'unsent.no-file': 'Keine Datei ausgewählt',
  'unsent.more': 'Weitere Felder, die ebenfalls gesendet werden: {count}',
  'unsent.send': 'Formular senden',
  'unsent.discard': 'Nicht senden',
};
