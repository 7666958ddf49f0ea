/** The flow engine's own texts; compose.ts passes them to the pages, beside those of the stages. */
import type { Texts } from '../../core/values/message.ts';

export const flowTexts: Texts = {
  en: {
    'flow.continue.title': 'One more click',
    'flow.continue.lead': 'Nothing has been changed yet.',
    'flow.continue.submit': 'Continue',
    'flow.refused.answer':
      'Some fields are missing or invalid. Please check the form and try again.',
    'flow.refused.policy': 'You do not have access to this page.',
    'flow.refused.unjudged': 'We could not check your entry. Please try again in a moment.',
    'flow.refused.link': 'This page opens only from a link in an email.',
    'flow.refused.source':
      'This page opens only after you signed in with another provider. Please start again at the sign-in.',
    'flow.refused.sender': 'This form was sent from another site, so it was ignored.',
    'flow.refused.unknown': 'This page does not exist. The link may be outdated or mistyped.',
    'flow.refused.method': 'This page does not support that kind of request.',
    'flow.refused.body': 'The form could not be read. Please open the page again and resubmit it.',
    'flow.refused.too-many': 'Too many attempts. Please wait a moment and try again.',
    'flow.refused.factors':
      'Codes and passkeys are turned off for your account because too many wrong ones were entered. Enter a recovery code to turn them back on. If you do not have one, ask your administrator to unlock your account.',
    'flow.refused.no-sign-in':
      'You must be signed in to open this page, and this site has no sign-in page.',
    'flow.fault': 'Something went wrong on our side. Please try again in a moment.',
    'flow.title.refused': 'This did not work',
    'flow.title.fault': 'Not available right now',
    'flow.title.stopped': 'You cannot continue',
    'flow.source.link.title': 'Connect your account',
    'flow.source.link.lead':
      'There is already an account here with your email address. Enter its password once to sign in with {source} from now on.',
    'flow.source.link.password': 'Password',
    'flow.source.link.submit': 'Connect and sign in',
    'flow.source.link.restart': 'Sign in another way',
    'flow.source.link.wrong': 'This password is not correct. Check it and try again.',
    'flow.source.busy': 'Many people are signing in right now. Please try again in a moment.',
    'flow.source.throttled':
      'Too many attempts. Try again in {minutes, plural, one {a minute} other {# minutes}}.',
    'flow.source.unavailable':
      '{source} cannot be reached right now. Please try again in a moment, or sign in another way.',
    'flow.source.denied':
      'The sign-in with {source} was canceled. You can try again or sign in another way.',
    'flow.source.refused': '{source} did not confirm this sign-in. Please try again.',
    'flow.source.state': 'This sign-in is no longer up to date. Please start it again.',
    'flow.source.used': 'This sign-in with {source} has already been used. Please start it again.',
    'flow.source.unknown':
      'Signing in this way is no longer possible here. Please choose another way.',
    'flow.source.disabled': 'You cannot sign in with this account. Please ask your administrator.',
    'flow.source.not-admitted': 'Your account at {source} is not allowed to sign in here.',
    'flow.source.not-linked':
      'Your account at {source} is not connected to an account here. Sign in another way, or ask your administrator.',
    'flow.source.other-user': 'This account at {source} belongs to another user here.',
    'flow.source.link-first':
      'There is already an account here with your email address. Sign in the way you usually do, then connect {source} to it.',
    'flow.source.age-unknown':
      '{source} cannot confirm that it is still you. Sign in another way, or sign out and in again.',
    'flow.source.other-browser':
      'This sign-in was started in another browser, or too long ago. Please start again.',
    'flow.stopped.session': 'We could not sign you in. Please start again.',
    'flow.stopped.stale':
      'You signed in too long ago to do this. Please sign in again, then start over.',
    'flow.stopped.factor':
      'Your account already has a second factor. Please use it to sign in, then start over. This keeps anyone who only knows your password from adding another one.',
    'flow.stopped.stage': 'This page is not set up correctly. Please tell your administrator.',
    'flow.problem.accounts/unavailable':
      'Your account data is not available right now. Please try again in a moment.',
    'flow.problem.authenticator/exists':
      'This authenticator is already set up, for your account or another one.',
    'flow.problem.authenticator/gone': 'This has already been used or removed. Please start again.',
    'flow.problem.authenticator/too-many':
      'You have reached the maximum number of these. Remove one first.',
    'flow.problem.full':
      'This site has run out of storage and cannot save anything new. Please tell your administrator and try again later.',
    'flow.problem.invitation/late':
      'This invitation is no longer valid because an account already exists here. Please ask your administrator.',
    'flow.problem.invitation/spent':
      'This invitation has already been used or has expired. Ask the person who sent it for a new one.',
    'flow.problem.mail/unavailable':
      'We cannot send email right now. Please try again in a moment.',
    'flow.problem.password/again':
      'That took too long. Please start again and choose your new password once more.',
    'flow.problem.password/elsewhere':
      'Your password is managed elsewhere, so you cannot change it here. Please ask your administrator where to change it.',
    'flow.problem.password/recent':
      'Your password was changed only recently and cannot be changed again yet. Please try again later.',
    'flow.problem.password/refused':
      'Your directory did not accept this password. It may be too short, too simple or one that you used before. Please start again and choose another one.',
    'flow.problem.password/short':
      'Your directory requires a longer password. Please start again and choose another one.',
    'flow.problem.password/used':
      'You used this password before. Please start again and choose another one.',
    'flow.problem.password/weak':
      'Your directory found this password too easy to guess. Please start again and choose another one.',
    'flow.problem.source/linked':
      'This account at the provider was connected in the meantime. Please sign in with it.',
    'flow.problem.source/withdrawn':
      'The provider has ended this sign-in meanwhile. Please sign in again.',
    'flow.problem.token/too-many':
      'You have too many tokens. Please revoke one that you no longer need, then try again.',
    'flow.problem.user/exists':
      'This username or email address is already taken. Please go back and choose another.',
    'flow.problem.user/name':
      'This username cannot be used. Please go back and choose another. Lowercase letters (a to z), digits, dots, hyphens and underscores always work.',
    'flow.problem.user/name-alike':
      'This username looks too much like that of another user. Please go back and choose another.',
    'flow.problem.user/read-only':
      'This account is managed elsewhere and cannot be changed here. Please ask your administrator.',
    'flow.problem.user/unknown': 'This account no longer exists.',
    'flow.link.title': 'Continue from here',
    'flow.link.lead':
      'You opened a link from an email. Nothing has happened yet. Continue only if you requested that email.',
    'flow.link.submit': 'Continue',
    'flow.link.gone':
      'This link has already been used or has expired. Start again to get a new one.',
    'flow.link.elsewhere':
      'This link works only in the browser where you started. Open it there, or enter the code from the email there.',
    'flow.circle.title': 'You have already done this',
    'flow.circle.text':
      'You completed this step a moment ago, and the app sent you back. Try the app again. If it keeps sending you here, tell your administrator.',
    'flow.circle.title-lost': 'Your sign-in is not being kept',
    'flow.circle.lost':
      'You signed in a moment ago, but this browser did not keep you signed in. Make sure it accepts cookies from this site, then try again.',
    'flow.circle.no-cookie':
      'This browser does not send back the cookie that the sign-in needs. Allow cookies for this site, then try again.',
    'flow.circle.scheme':
      'This page arrived over http, but its cookies only work over https. Check that the address begins with https://. If it does, tell your administrator that a proxy does not report the https connection.',
    'flow.circle.two-cookies':
      'Your browser sent two sign-in cookies where there should be one, so neither could be used. Both have been removed. Please try again.',
    'flow.circle.unrecognized':
      'Your browser sends its sign-in cookie, but the server does not recognize it. The session was ended, or the servers behind this site disagree about the time or their keys. If this happens again, tell your administrator.',
    'flow.circle.app-cookie':
      'You are signed in, but your browser does not send the sign-in cookie to the app. Make sure it accepts cookies from the app’s address, then try again. If it does, tell your administrator.',
    'flow.circle.retry': 'Try the app again',
    'flow.circle.again': 'Repeat this step',
    'flow.notice.stale': 'This form had already been sent. Continue from here.',
    'flow.notice.full':
      'This site has run out of storage. You can sign out, but signing in may fail. Please tell your administrator.',
    'flow.notice.restarted': 'That page had expired, so you are back at the beginning.',
    'flow.notice.elsewhere':
      'You signed in on another network, and that sign-in is only valid there. Please sign in again here.',
    'flow.notice.unsent':
      'Your last entry was not sent because you need to sign in first. Please send it again afterwards.',
    'flow.notice.kept':
      'Your last entry was not sent because you need to sign in first. It is kept for a quarter of an hour, so you can send it afterwards.',
    'flow.notice.two-cookies':
      'Your browser sent two sign-in cookies for this site. Both have been removed. Please sign in again.',
    'flow.again': 'Start again',
    'flow.home': 'Go to the start page',
    'flow.sign-in': 'Sign in',
    'flow.signed-in.title': 'You are signed in',
    'flow.signed-in.text':
      'You are signed in as {name}. You can continue, or sign in again or as a different user.',
    'flow.signed-in.only':
      'You are signed in as {name}. This page is only for visitors who are not signed in.',
    'flow.signed-in.continue': 'Continue',
    'flow.signed-in.other': 'Sign in again or as a different user',
  },
  de: {
    'flow.continue.title': 'Noch ein Klick',
    'flow.continue.lead': 'Bisher wurde nichts geändert.',
    'flow.continue.submit': 'Weiter',
    'flow.refused.answer':
      'Einige Felder fehlen oder sind ungültig. Bitte prüfen Sie das Formular und versuchen Sie es noch einmal.',
    'flow.refused.policy': 'Sie haben keinen Zugriff auf diese Seite.',
    'flow.refused.unjudged':
      'Ihre Eingabe konnte nicht geprüft werden. Bitte versuchen Sie es gleich noch einmal.',
    'flow.refused.link': 'Diese Seite lässt sich nur über einen Link aus einer E-Mail öffnen.',
    'flow.refused.source':
      'Diese Seite lässt sich nur nach einer Anmeldung bei einem anderen Anbieter öffnen. Bitte beginnen Sie noch einmal bei der Anmeldung.',
    'flow.refused.sender':
      'Dieses Formular wurde von einer anderen Website gesendet und deshalb ignoriert.',
    'flow.refused.unknown':
      'Diese Seite gibt es nicht. Möglicherweise ist der Link veraltet oder falsch geschrieben.',
    'flow.refused.method': 'Diese Seite unterstützt diese Art von Anfrage nicht.',
    'flow.refused.body':
      'Das Formular konnte nicht gelesen werden. Bitte öffnen Sie die Seite neu und senden Sie es noch einmal ab.',
    'flow.refused.too-many':
      'Zu viele Versuche. Bitte warten Sie einen Moment und versuchen Sie es noch einmal.',
    'flow.refused.factors':
      'Codes und Passkeys sind für Ihr Konto abgeschaltet, weil es zu viele Fehlversuche gab. Geben Sie einen Wiederherstellungscode ein, um sie wieder einzuschalten. Wenn Sie keinen haben, bitten Sie Ihre Administration, Ihr Konto zu entsperren.',
    'flow.refused.no-sign-in':
      'Für diese Seite müssen Sie angemeldet sein, und diese Website hat keine Anmeldeseite.',
    'flow.fault': 'Bei uns ist etwas schiefgegangen. Bitte versuchen Sie es gleich noch einmal.',
    'flow.title.refused': 'Das hat nicht geklappt',
    'flow.title.fault': 'Gerade nicht verfügbar',
    'flow.title.stopped': 'Hier geht es nicht weiter',
    'flow.source.link.title': 'Konto verbinden',
    'flow.source.link.lead':
      'Hier gibt es bereits ein Konto mit Ihrer E-Mail-Adresse. Geben Sie einmal dessen Passwort ein, um sich künftig mit {source} anzumelden.',
    'flow.source.link.password': 'Passwort',
    'flow.source.link.submit': 'Verbinden und anmelden',
    'flow.source.link.restart': 'Anders anmelden',
    'flow.source.link.wrong':
      'Dieses Passwort ist nicht richtig. Prüfen Sie es und versuchen Sie es noch einmal.',
    'flow.source.busy':
      'Gerade melden sich viele Menschen an. Bitte versuchen Sie es gleich noch einmal.',
    'flow.source.throttled':
      'Zu viele Versuche. Versuchen Sie es in {minutes, plural, one {einer Minute} other {# Minuten}} noch einmal.',
    'flow.source.unavailable':
      '{source} ist gerade nicht erreichbar. Versuchen Sie es gleich noch einmal oder melden Sie sich anders an.',
    'flow.source.denied':
      'Die Anmeldung mit {source} wurde abgebrochen. Versuchen Sie es noch einmal oder melden Sie sich anders an.',
    'flow.source.refused':
      '{source} hat diese Anmeldung nicht bestätigt. Bitte versuchen Sie es noch einmal.',
    'flow.source.state': 'Diese Anmeldung ist nicht mehr aktuell. Bitte beginnen Sie noch einmal.',
    'flow.source.used':
      'Diese Anmeldung mit {source} wurde bereits verwendet. Bitte beginnen Sie noch einmal.',
    'flow.source.unknown':
      'Auf diesem Weg können Sie sich hier nicht mehr anmelden. Bitte wählen Sie einen anderen.',
    'flow.source.disabled':
      'Mit diesem Konto können Sie sich nicht anmelden. Bitte wenden Sie sich an Ihre Administration.',
    'flow.source.not-admitted': 'Ihr Konto bei {source} ist hier nicht zugelassen.',
    'flow.source.not-linked':
      'Ihr Konto bei {source} ist hier mit keinem Konto verbunden. Melden Sie sich anders an oder wenden Sie sich an Ihre Administration.',
    'flow.source.other-user': 'Dieses Konto bei {source} gehört hier zu einer anderen Person.',
    'flow.source.link-first':
      'Hier gibt es bereits ein Konto mit Ihrer E-Mail-Adresse. Melden Sie sich wie gewohnt an und verbinden Sie es dann mit {source}.',
    'flow.source.age-unknown':
      '{source} kann nicht bestätigen, dass Sie es noch sind. Melden Sie sich anders an, oder melden Sie sich ab und wieder an.',
    'flow.source.other-browser':
      'Diese Anmeldung wurde in einem anderen Browser begonnen oder ist zu lange her. Bitte beginnen Sie noch einmal.',
    'flow.stopped.session': 'Wir konnten Sie nicht anmelden. Bitte beginnen Sie von vorn.',
    'flow.stopped.stale':
      'Ihre Anmeldung liegt dafür zu lange zurück. Bitte melden Sie sich neu an und beginnen Sie dann von vorn.',
    'flow.stopped.factor':
      'Ihr Konto hat bereits einen zweiten Faktor. Bitte melden Sie sich damit an und beginnen Sie dann von vorn. So kann niemand, der nur Ihr Passwort kennt, einen weiteren hinzufügen.',
    'flow.stopped.stage':
      'Diese Seite ist nicht richtig eingerichtet. Bitte informieren Sie Ihre Administration.',
    'flow.problem.accounts/unavailable':
      'Ihre Kontodaten sind gerade nicht verfügbar. Bitte versuchen Sie es gleich noch einmal.',
    'flow.problem.authenticator/exists':
      'Das ist bereits eingerichtet, für Ihr Konto oder ein anderes.',
    'flow.problem.authenticator/gone':
      'Das wurde bereits verwendet oder entfernt. Bitte beginnen Sie von vorn.',
    'flow.problem.authenticator/too-many':
      'Sie haben die Höchstzahl erreicht. Entfernen Sie zuerst einen Eintrag.',
    'flow.problem.full':
      'Auf dieser Website ist kein Speicherplatz mehr frei. Deshalb kann nichts Neues gespeichert werden. Bitte informieren Sie Ihre Administration und versuchen Sie es später noch einmal.',
    'flow.problem.invitation/late':
      'Diese Einladung gilt nicht mehr, weil es hier bereits ein Konto gibt. Bitte wenden Sie sich an Ihre Administration.',
    'flow.problem.invitation/spent':
      'Diese Einladung wurde bereits verwendet oder ist abgelaufen. Bitten Sie um eine neue.',
    'flow.problem.mail/unavailable':
      'Wir können gerade keine E-Mails senden. Bitte versuchen Sie es gleich noch einmal.',
    'flow.problem.password/again':
      'Das hat zu lange gedauert. Bitte beginnen Sie von vorn und wählen Sie Ihr neues Passwort noch einmal.',
    'flow.problem.password/elsewhere':
      'Ihr Passwort wird anderswo verwaltet und kann hier nicht geändert werden. Bitte fragen Sie Ihre Administration, wo Sie es ändern können.',
    'flow.problem.password/recent':
      'Ihr Passwort wurde erst vor Kurzem geändert und kann noch nicht wieder geändert werden. Bitte versuchen Sie es später noch einmal.',
    'flow.problem.password/refused':
      'Ihr Verzeichnis hat dieses Passwort nicht angenommen. Vielleicht ist es zu kurz oder zu einfach, oder Sie haben es schon einmal verwendet. Bitte beginnen Sie von vorn und wählen Sie ein anderes.',
    'flow.problem.password/short':
      'Ihr Verzeichnis verlangt ein längeres Passwort. Bitte beginnen Sie von vorn und wählen Sie ein anderes.',
    'flow.problem.password/used':
      'Dieses Passwort haben Sie schon einmal verwendet. Bitte beginnen Sie von vorn und wählen Sie ein anderes.',
    'flow.problem.password/weak':
      'Ihr Verzeichnis hält dieses Passwort für zu leicht zu erraten. Bitte beginnen Sie von vorn und wählen Sie ein anderes.',
    'flow.problem.source/linked':
      'Dieses Konto beim Anbieter wurde inzwischen verbunden. Bitte melden Sie sich damit an.',
    'flow.problem.source/withdrawn':
      'Der Anbieter hat diese Anmeldung inzwischen beendet. Bitte melden Sie sich erneut an.',
    'flow.problem.token/too-many':
      'Sie haben zu viele Tokens. Bitte widerrufen Sie eines, das Sie nicht mehr brauchen, und versuchen Sie es dann erneut.',
    'flow.problem.user/exists':
      'Dieser Benutzername oder diese E-Mail-Adresse ist bereits vergeben. Bitte gehen Sie zurück und wählen Sie etwas anderes.',
    'flow.problem.user/name':
      'Dieser Benutzername ist nicht möglich. Bitte gehen Sie zurück und wählen Sie einen anderen. Kleinbuchstaben (a bis z), Ziffern, Punkte, Binde- und Unterstriche sind immer erlaubt.',
    'flow.problem.user/name-alike':
      'Dieser Benutzername ähnelt zu sehr dem eines anderen Kontos. Bitte gehen Sie zurück und wählen Sie einen anderen.',
    'flow.problem.user/read-only':
      'Dieses Konto wird anderswo verwaltet und kann hier nicht geändert werden. Bitte wenden Sie sich an Ihre Administration.',
    'flow.problem.user/unknown': 'Dieses Konto gibt es nicht mehr.',
    'flow.link.title': 'Hier geht es weiter',
    'flow.link.lead':
      'Sie haben einen Link aus einer E-Mail geöffnet. Noch ist nichts geschehen. Machen Sie nur weiter, wenn Sie diese E-Mail angefordert haben.',
    'flow.link.submit': 'Weiter',
    'flow.link.gone':
      'Dieser Link wurde bereits verwendet oder ist abgelaufen. Beginnen Sie von vorn, um einen neuen zu erhalten.',
    'flow.link.elsewhere':
      'Dieser Link funktioniert nur in dem Browser, in dem Sie begonnen haben. Öffnen Sie ihn dort, oder geben Sie dort den Code aus der E-Mail ein.',
    'flow.circle.title': 'Das haben Sie bereits erledigt',
    'flow.circle.text':
      'Sie haben diesen Schritt gerade abgeschlossen, und die App hat Sie zurückgeschickt. Versuchen Sie es in der App noch einmal. Wenn Sie immer wieder hier landen, informieren Sie Ihre Administration.',
    'flow.circle.title-lost': 'Ihre Anmeldung bleibt nicht erhalten',
    'flow.circle.lost':
      'Sie haben sich gerade angemeldet, aber dieser Browser hat die Anmeldung nicht gespeichert. Prüfen Sie, ob er Cookies dieser Website zulässt, und versuchen Sie es dann noch einmal.',
    'flow.circle.no-cookie':
      'Dieser Browser sendet das Cookie nicht zurück, das für die Anmeldung nötig ist. Erlauben Sie Cookies für diese Website, und versuchen Sie es dann noch einmal.',
    'flow.circle.scheme':
      'Diese Seite wurde über http aufgerufen, ihre Cookies funktionieren aber nur über https. Prüfen Sie, ob die Adresse mit https:// beginnt. Falls ja, teilen Sie Ihrer Administration mit, dass ein Proxy die https-Verbindung nicht meldet.',
    'flow.circle.two-cookies':
      'Ihr Browser hat zwei Anmelde-Cookies gesendet statt eines einzigen. Deshalb konnte keines davon verwendet werden. Beide wurden entfernt. Bitte versuchen Sie es noch einmal.',
    'flow.circle.unrecognized':
      'Ihr Browser sendet sein Anmelde-Cookie, aber der Server erkennt es nicht. Die Sitzung wurde beendet, oder die Server dieser Website sind sich über die Uhrzeit oder ihre Schlüssel uneinig. Wenn das wieder geschieht, informieren Sie Ihre Administration.',
    'flow.circle.app-cookie':
      'Sie sind angemeldet, aber Ihr Browser sendet das Anmelde-Cookie nicht an die App. Prüfen Sie, ob er Cookies von der Adresse der App zulässt, und versuchen Sie es dann noch einmal. Falls ja, informieren Sie Ihre Administration.',
    'flow.circle.retry': 'Zurück zur App',
    'flow.circle.again': 'Diesen Schritt wiederholen',
    'flow.notice.stale': 'Dieses Formular wurde bereits abgeschickt. Machen Sie hier weiter.',
    'flow.notice.full':
      'Auf dieser Website ist kein Speicherplatz mehr frei. Sie können sich abmelden, aber das Anmelden kann fehlschlagen. Bitte informieren Sie Ihre Administration.',
    'flow.notice.restarted': 'Die Seite war abgelaufen. Deshalb beginnen Sie jetzt von vorn.',
    'flow.notice.elsewhere':
      'Sie haben sich in einem anderen Netzwerk angemeldet, und diese Anmeldung gilt nur dort. Bitte melden Sie sich hier noch einmal an.',
    'flow.notice.unsent':
      'Ihre letzte Eingabe wurde nicht gesendet, weil Sie sich zuerst anmelden müssen. Bitte senden Sie sie danach noch einmal.',
    'flow.notice.kept':
      'Ihre letzte Eingabe wurde nicht gesendet, weil Sie sich zuerst anmelden müssen. Sie bleibt eine Viertelstunde erhalten, damit Sie sie danach senden können.',
    'flow.notice.two-cookies':
      'Ihr Browser hat zwei Anmelde-Cookies für diese Website gesendet. Beide wurden entfernt. Bitte melden Sie sich noch einmal an.',
    'flow.again': 'Von vorn beginnen',
    'flow.home': 'Zur Startseite',
    'flow.sign-in': 'Anmelden',
    'flow.signed-in.title': 'Sie sind angemeldet',
    'flow.signed-in.text':
      'Sie sind als {name} angemeldet. Sie können fortfahren oder sich neu oder mit einem anderen Konto anmelden.',
    'flow.signed-in.only':
      'Sie sind als {name} angemeldet. Diese Seite ist nur für Besucher, die nicht angemeldet sind.',
    'flow.signed-in.continue': 'Weiter',
    'flow.signed-in.other': 'Neu oder mit einem anderen Konto anmelden',
  },
};
