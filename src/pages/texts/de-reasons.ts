/** Reasons in plain German, under the same keys as the English ones; as silent about names and secrets as they are. */
import type { enReasons } from './en-reasons.ts';

export const deReasons: Readonly<Record<keyof typeof enReasons, string>> = {
  'reason.other': 'Eine Regel dieser App sagt Nein.',

  'reason.password_age': 'Sie verlangt ein Passwort, das vor kürzerer Zeit gesetzt wurde.',
  'reason.group':
    'Sie ist für bestimmte Gruppen offen, und Ihr Konto gehört zu keiner der verlangten.',
  'reason.user': 'Sie ist für bestimmte Personen offen, und Ihr Konto gehört nicht dazu.',
  'reason.attribute': 'Sie verlangt etwas, das Ihr Konto nicht hat.',
  'reason.attribute/excluded': 'Für Konten wie Ihres ist sie geschlossen.',
  'reason.network':
    'Sie ist nur aus bestimmten Netzen erreichbar, und Sie kommen aus einem anderen.',
  'reason.method': 'Sie verlangt eine stärkere oder frischere Anmeldung.',
  'reason.session': 'Sie verlangt eine frischere Anmeldung.',
  'reason.time': 'Sie ist zu dieser Zeit geschlossen.',
  'reason.time/other-date':
    'Sie ist zwischen bestimmten Tagen offen, und heute liegt nicht dazwischen.',
  'reason.time/other-day': 'Sie ist an bestimmten Wochentagen offen, und heute ist keiner davon.',
  'reason.time/other-hours': 'Sie ist zu bestimmten Stunden offen, und jetzt ist keine davon.',
  'reason.geo': 'Sie ist von dort, wo Sie zu sein scheinen, nicht erreichbar.',
  'reason.geo/excluded':
    'Für den Ort oder das Netz, aus dem Sie zu kommen scheinen, ist sie geschlossen.',
  'reason.travel': 'Diese Anmeldung kommt von einem Ort, der nicht zu den letzten passt.',
  'reason.reputation': 'Von hier gab es zuletzt zu viele fehlgeschlagene Anmeldungen.',
  'reason.reputation/account':
    'Bei Ihrem Konto gab es zuletzt zu viele fehlgeschlagene Anmeldungen. Bitte versuchen Sie es später noch einmal.',
  'reason.consent': 'Sie öffnet sich, sobald Sie ihr erlaubt haben, was sie verlangt.',
  'reason.consent/expired':
    'Was Sie ihr erlaubt haben, galt eine Weile, und die ist um. Sie öffnet sich, sobald Sie es wieder erlauben.',
  'reason.device': 'Sie ist für Geräte offen, die hier schon einmal benutzt wurden.',
  'reason.device/new':
    'Sie ist für Geräte offen, die hier schon eine Weile benutzt werden. Dieses ist zu neu.',
  'reason.device/stale':
    'Sie ist für Geräte offen, die hier kürzlich benutzt wurden. Dieses war es zu lange nicht.',
  'reason.event':
    'Sie ist für Menschen offen, die mit einer Einladung oder über einen zugesandten Link kommen.',
  'reason.http': 'Diese Art von Anfrage ist hier nicht erlaubt.',
  'reason.expression': 'Eine Regel, die der Betreiber geschrieben hat, sagt Nein.',
  'reason.password_strength': 'Dieses Passwort ist nicht stark genug.',
  'reason.password_strength/too-short': 'Nehmen Sie mindestens {least} Zeichen.',
  'reason.password_strength/too-long': 'Das ist zu lang.',
  'reason.password_strength/too-few-classes':
    'Mischen Sie kleine und große Buchstaben, Ziffern und andere Zeichen: mindestens {least} davon.',
  'reason.password_strength/own-data':
    'Ihr Name, Ihre Adresse und was Sie hier sonst eingegeben haben, zählen nicht. Nehmen Sie daneben mindestens {least} Zeichen.',
  'reason.password_strength/too-easy':
    'Das ist zu leicht zu erraten. Mehrere Wörter, die nichts miteinander zu tun haben, sind schwer zu erraten und leicht zu merken.',
  'reason.password_strength/common':
    'Das ist eines der häufigsten Passwörter, die Angreifer zuerst probieren. Wählen Sie ein anderes.',
  'reason.password_strength/breached':
    'Dieses Passwort wurde schon einmal irgendwo gestohlen und steht in den Listen derer, die raten. Wählen Sie ein anderes.',
  'reason.password_reuse': 'Dieses Passwort hatten Sie hier schon. Wählen Sie ein anderes.',
  'reason.dummy': 'Eine Regel, die nur zum Ausprobieren da ist, sagt Nein.',
  'reason.not': 'Eine Regel schließt sie für Konten oder Orte wie Ihren.',
  'reason.policy':
    'Eine Regel dieser App konnte nicht geprüft werden. Was sich nicht prüfen lässt, bleibt zu.',
  'reason.policy/error':
    'Eine Regel dieser App konnte nicht geprüft werden. Was sich nicht prüfen lässt, bleibt zu.',
  'reason.signal':
    'Etwas, das zum Prüfen einer Regel nötig ist, war nicht zu bekommen. Sie bleibt zu.',
  'reason.binding/expired': 'Die Erlaubnis, die sie geöffnet hat, ist abgelaufen.',
  'reason.path/no-rule': 'Keine Regel dieser App erlaubt diese Art von Anfrage an dieser Stelle.',
  'reason.websocket/foreign-origin':
    'Eine andere Website hat versucht, eine Verbindung zu dieser App zu öffnen.',

  'reason.peer': 'Hier darf nur ein Proxy fragen, der als vertrauenswürdig eingetragen ist.',
  'reason.forwarded': 'Der Proxy davor hat nicht klar gesagt, was gefragt war.',
  'reason.request': 'Die Anfrage verlangt etwas, das hier nicht angeboten wird.',

  'reason.host/unknown': 'Unter diesem Namen ist keine App bekannt.',
  'reason.host/port': 'Die App ist an diesem Port nicht erreichbar.',
  'reason.host/malformed': 'Der Host in der Adresse ist kein einfacher Name.',
  'reason.method/refused': 'Diese Art von Anfrage wird hier nicht beantwortet.',
  'reason.target/too-long': 'Die Adresse ist zu lang.',
  'reason.query/characters':
    'Der Teil nach dem Fragezeichen enthält Zeichen, die kodiert sein müssen.',
  'reason.path':
    'Der Pfad in der Adresse ist so geschrieben, dass man ihn verschieden lesen könnte.',
  'reason.path/form': 'Der Pfad in der Adresse muss mit genau einem Schrägstrich beginnen.',
  'reason.path/characters': 'Der Pfad in der Adresse enthält Zeichen, die kodiert sein müssen.',
  'reason.path/escape': 'Auf ein Prozentzeichen in der Adresse folgt kein gültiger Code.',
  'reason.path/encoded-separator':
    'Die Adresse versteckt einen Schrägstrich, einen umgekehrten Schrägstrich oder ein Semikolon.',
  'reason.path/double-encoding': 'Der Pfad in der Adresse ist doppelt kodiert.',
  'reason.path/disguise':
    'Der Pfad in der Adresse versteckt ein Steuerzeichen oder ein Trennzeichen.',
  'reason.path/dot-segment': 'Der Pfad in der Adresse darf keine Teile „.“ oder „..“ enthalten.',
  'reason.body/too-large': 'Was gesendet wurde, ist größer, als hier angenommen wird.',
};
