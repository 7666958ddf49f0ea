/** German sentences for reasons, under the same keys as the English ones. They must reveal no name or secret either. */
import type { enReasons } from './en-reasons.ts';

export const deReasons: Readonly<Record<keyof typeof enReasons, string>> = {
  'reason.other': 'Eine Regel hat den Zugriff verweigert.',

  'reason.password_age': 'Ein Passwort, das vor kürzerer Zeit gesetzt wurde, ist erforderlich.',
  'reason.group': 'Nur bestimmte Gruppen haben Zugriff, und Ihr Konto gehört zu keiner davon.',
  'reason.user': 'Nur bestimmte Personen haben Zugriff, und Ihr Konto gehört nicht dazu.',
  'reason.attribute': 'Ihrem Konto fehlt ein erforderliches Merkmal.',
  'reason.attribute/excluded': 'Ein Merkmal Ihres Kontos schließt den Zugriff aus.',
  'reason.network':
    'Der Zugriff ist auf bestimmte Netzwerke beschränkt, und Ihres gehört nicht dazu.',
  'reason.method': 'Eine stärkere oder neuere Anmeldung ist erforderlich.',
  'reason.session': 'Eine neuere Anmeldung ist erforderlich.',
  'reason.time': 'Zu dieser Zeit ist kein Zugriff möglich.',
  'reason.time/other-date':
    'Der Zugriff ist auf bestimmte Tage beschränkt, und heute ist keiner davon.',
  'reason.time/other-day':
    'Der Zugriff ist auf bestimmte Wochentage beschränkt, und heute ist keiner davon.',
  'reason.time/other-hours': 'Der Zugriff ist auf bestimmte Uhrzeiten beschränkt.',
  'reason.geo': 'Von Ihrem vermutlichen Standort aus ist kein Zugriff möglich.',
  'reason.geo/excluded': 'Ihr vermutlicher Standort oder Ihr Netzwerk ist gesperrt.',
  'reason.travel': 'Ihr Standort passt nicht zu Ihren letzten Anmeldungen.',
  'reason.reputation':
    'Aus Ihrem Netzwerk gab es zu viele fehlgeschlagene Anmeldeversuche. Bitte versuchen Sie es später noch einmal.',
  'reason.reputation/account':
    'Für Ihr Konto gab es zu viele fehlgeschlagene Anmeldeversuche. Bitte versuchen Sie es später noch einmal.',
  'reason.consent': 'Diese App benötigt zuerst Ihre Zustimmung.',
  'reason.consent/expired':
    'Ihre Zustimmung für diese App ist abgelaufen. Bitte erteilen Sie sie erneut.',
  'reason.device': 'Zugriff haben nur Geräte, die hier schon einmal verwendet wurden.',
  'reason.device/new':
    'Zugriff haben nur Geräte, die hier schon länger verwendet werden. Dieses Gerät ist noch zu neu.',
  'reason.device/stale':
    'Zugriff haben nur Geräte, die hier vor Kurzem verwendet wurden. Dieses Gerät wurde zu lange nicht verwendet.',
  'reason.event':
    'Für den Zugriff ist eine Einladung oder ein per E-Mail gesendeter Link erforderlich.',
  'reason.http': 'Diese Art von Anfrage ist hier nicht erlaubt.',
  'reason.expression': 'Eine eigene Regel des Betreibers hat den Zugriff verweigert.',
  'reason.password_strength': 'Dieses Passwort ist nicht stark genug.',
  'reason.password_strength/too-short': 'Verwenden Sie mindestens {least} Zeichen.',
  'reason.password_strength/too-long': 'Dieses Passwort ist zu lang.',
  'reason.password_strength/too-few-classes':
    'Verwenden Sie mindestens {least} davon: Kleinbuchstaben, Großbuchstaben, Ziffern und Sonderzeichen.',
  'reason.password_strength/own-data':
    'Ihr Name, Ihre E-Mail-Adresse und Ihre übrigen Angaben zählen nicht mit. Verwenden Sie mindestens {least} weitere Zeichen.',
  'reason.password_strength/too-easy':
    'Dieses Passwort ist zu leicht zu erraten. Mehrere Wörter ohne Zusammenhang sind schwer zu erraten und leicht zu merken.',
  'reason.password_strength/common':
    'Das ist eines der häufigsten Passwörter, die Angreifer zuerst ausprobieren. Wählen Sie ein anderes.',
  'reason.password_strength/breached':
    'Dieses Passwort stammt aus einem bekannten Datenleck. Angreifer probieren es wahrscheinlich aus. Wählen Sie ein anderes.',
  'reason.password_reuse':
    'Dieses Passwort haben Sie hier schon verwendet. Wählen Sie ein anderes.',
  'reason.dummy': 'Eine Testregel hat den Zugriff verweigert.',
  'reason.not': 'Eine Regel schließt Konten oder Standorte wie Ihren aus.',
  'reason.policy': 'Eine Regel konnte nicht geprüft werden. Deshalb wurde der Zugriff verweigert.',
  'reason.policy/error':
    'Eine Regel konnte nicht geprüft werden. Deshalb wurde der Zugriff verweigert.',
  'reason.signal':
    'Eine Regel konnte nicht geprüft werden, weil nötige Daten nicht verfügbar waren. Deshalb wurde der Zugriff verweigert.',
  'reason.binding/expired': 'Die Berechtigung für den Zugriff ist abgelaufen.',
  'reason.path/no-rule': 'Keine Regel dieser App erlaubt diese Art von Anfrage an diese Adresse.',
  'reason.websocket/foreign-origin':
    'Eine andere Website hat versucht, eine Verbindung zu dieser App zu öffnen.',

  'reason.peer': 'Nur vertrauenswürdige Proxys dürfen hier Anfragen stellen.',
  'reason.forwarded': 'Der Proxy hat die ursprüngliche Anfrage nicht eindeutig beschrieben.',
  'reason.request': 'Die Anfrage verlangt etwas, das hier nicht verfügbar ist.',

  'reason.host/unknown': 'Unter diesem Hostnamen gibt es keine App.',
  'reason.host/port': 'Die App ist unter diesem Port nicht erreichbar.',
  'reason.host/malformed': 'Der Hostname in der Adresse ist ungültig.',
  'reason.method/refused': 'Diese Anfragemethode ist hier nicht erlaubt.',
  'reason.target/too-long': 'Die Adresse ist zu lang.',
  'reason.query/characters':
    'Der Teil der Adresse nach dem Fragezeichen enthält Zeichen, die kodiert werden müssen.',
  'reason.path': 'Der Pfad in der Adresse ist nicht eindeutig.',
  'reason.path/form': 'Der Pfad in der Adresse muss mit genau einem Schrägstrich beginnen.',
  'reason.path/characters': 'Der Pfad in der Adresse enthält Zeichen, die kodiert werden müssen.',
  'reason.path/escape': 'Auf ein Prozentzeichen in der Adresse folgt kein gültiger Code.',
  'reason.path/encoded-separator':
    'Der Pfad in der Adresse enthält einen kodierten Schrägstrich, einen umgekehrten Schrägstrich oder ein Semikolon.',
  'reason.path/double-encoding': 'Der Pfad in der Adresse ist doppelt kodiert.',
  'reason.path/disguise': 'Der Pfad in der Adresse enthält verborgene Zeichen.',
  'reason.path/dot-segment': 'Der Pfad in der Adresse darf keine Teile „.“ oder „..“ enthalten.',
  'reason.body/too-large': 'Die Anfrage enthält mehr Daten, als hier angenommen werden.',
};
