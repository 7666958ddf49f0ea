/** German sentences for the reasons that no policy gives, under the same keys as the English ones. */
import type { enReasons } from './en-reasons.ts';

export const deReasons: Readonly<Record<keyof typeof enReasons, string>> = {
  'reason.other': 'Eine Regel hat den Zugriff verweigert.',

  'reason.session': 'Eine neuere Anmeldung ist erforderlich.',
  'reason.token': 'Das Token ist ungültig. Es ist möglicherweise abgelaufen oder wurde widerrufen.',
  'reason.token/other-user': 'Das Token gehört zu einem anderen Benutzernamen.',
  'reason.token/no-user': 'Der Benutzer dieses Tokens kann sich nicht anmelden.',
  'reason.token/route': 'Das Token gilt nicht für diese App.',
  'reason.token/method': 'Das Token erlaubt diese Art von Anfrage nicht.',
  'reason.token/network': 'Das Token gilt nicht in diesem Netzwerk.',
  'reason.token/throttled': 'Aus diesem Netzwerk kamen zu viele ungültige Tokens.',
  'reason.password': 'Der Benutzername oder das Passwort ist falsch.',
  'reason.password/expired': 'Das Passwort muss zuerst geändert werden.',
  'reason.password/second-factor':
    'Ein Passwort allein genügt hier nicht. Verwenden Sie stattdessen ein Token.',
  'reason.password/throttled':
    'Es gab zu viele falsche Passwörter. Versuchen Sie es später erneut.',
  'reason.jwt': 'Das Token gilt nicht für diese App.',
  'reason.jwt/expired': 'Das Token ist abgelaufen.',
  'reason.jwt/no-user': 'Der Benutzer dieses Tokens kann sich nicht anmelden.',
  'reason.certificate': 'Ihr Zertifikat gilt nicht für diese App.',
  'reason.certificate/expired': 'Ihr Zertifikat ist abgelaufen oder noch nicht gültig.',
  'reason.certificate/no-user': 'Der Benutzer dieses Zertifikats kann sich nicht anmelden.',
  'reason.credential/malformed': 'Die Anfrage enthält Anmeldedaten, die nicht lesbar sind.',
  'reason.credential':
    'Diese Adresse akzeptiert keine solche Anmeldung. Programme benötigen ein Token.',
  'reason.not': 'Eine Regel schließt Konten oder Standorte wie Ihren aus.',
  'reason.policy': 'Eine Regel konnte nicht geprüft werden. Deshalb wurde der Zugriff verweigert.',
  'reason.policy/error':
    'Eine Regel konnte nicht geprüft werden. Deshalb wurde der Zugriff verweigert.',
  'reason.signal':
    'Eine Regel konnte nicht geprüft werden, weil nötige Daten nicht verfügbar waren. Deshalb wurde der Zugriff verweigert.',
  'reason.binding/expired': 'Die Berechtigung für den Zugriff ist abgelaufen.',
  'reason.path/closed': 'Diese Adresse ist für alle gesperrt.',
  'reason.path/no-rule': 'Keine Regel dieser App erlaubt diese Art von Anfrage an diese Adresse.',
  'reason.websocket/foreign-origin':
    'Eine andere Website hat versucht, eine Verbindung zu dieser App zu öffnen.',

  'reason.peer': 'Nur vertrauenswürdige Proxys dürfen hier Anfragen stellen.',
  'reason.forwarded': 'Der Proxy hat die ursprüngliche Anfrage nicht eindeutig beschrieben.',
  'reason.request': 'Die Anfrage verlangt etwas, das hier nicht verfügbar ist.',

  'reason.host/unknown': 'Unter diesem Hostnamen gibt es keine App.',
  'reason.host/port': 'Die App ist unter diesem Port nicht erreichbar.',
  'reason.host/not-yours': 'Diese Adresse gehört einem anderen Konto oder einer anderen Gruppe.',
  'reason.host/malformed': 'Der Hostname in der Adresse ist ungültig.',
  'reason.method/refused': 'Diese Anfragemethode ist hier nicht erlaubt.',
  'reason.target/too-long': 'Die Adresse ist zu lang.',
  'reason.query/characters':
    'Der Teil der Adresse nach dem Fragezeichen enthält Zeichen, die kodiert werden müssen.',
  'reason.path': 'Der Pfad in der Adresse ist nicht eindeutig.',
  'reason.path/form': 'Der Pfad in der Adresse muss mit einem Schrägstrich beginnen.',
  'reason.path/readings': 'Der Pfad in der Adresse lässt sich auf zu viele Arten lesen.',
  'reason.path/characters': 'Der Pfad in der Adresse enthält Zeichen, die kodiert werden müssen.',
  'reason.path/escape': 'Auf ein Prozentzeichen in der Adresse folgt kein gültiger Code.',
  'reason.path/encoded-separator':
    'Der Pfad in der Adresse enthält einen kodierten Schrägstrich, einen umgekehrten Schrägstrich oder ein Semikolon.',
  'reason.path/double-encoding': 'Der Pfad in der Adresse ist doppelt kodiert.',
  'reason.path/disguise': 'Der Pfad in der Adresse enthält verborgene Zeichen.',
  'reason.path/destination':
    'Die Adresse, an die kopiert oder verschoben werden soll, ist hier nicht möglich.',
  'reason.path/dot-segment': 'Der Pfad in der Adresse darf keine Teile „.“ oder „..“ enthalten.',
  'reason.path/upstream':
    'Der Pfad in der Adresse lässt sich als Adresse verschiedener Apps lesen.',
  'reason.path/outside-prefix': 'Unter dieser Adresse gibt es nichts.',
  'reason.body/too-large': 'Die Anfrage enthält mehr Daten, als hier angenommen werden.',
};
