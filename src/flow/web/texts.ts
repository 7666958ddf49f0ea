/** The flow engine's own words; compose.ts hands them to the pages beside those of the stages. */
import type { Texts } from '../../core/values/message.ts';

export const flowTexts: Texts = {
  en: {
    'flow.continue.title': 'One more click',
    'flow.continue.lead': 'Nothing has been changed yet.',
    'flow.continue.submit': 'Continue',
    'flow.refused.answer': 'Please fill in the form completely and try again.',
    'flow.refused.policy': 'This is not open to you here and now.',
    'flow.refused.unjudged': 'This could not be checked just now. Please try again in a moment.',
    'flow.refused.link': 'This page opens only from a link sent to you.',
    'flow.refused.sender': 'This form was sent from another site, so nothing was done with it.',
    'flow.refused.unknown': 'There is no such page here. The link may be old or mistyped.',
    'flow.refused.method': 'This page can be opened and its form sent, nothing else.',
    'flow.refused.body': 'What was sent cannot be read as an answer to this page.',
    'flow.refused.too-many': 'Too many attempts. Please try again in a little while.',
    'flow.refused.factors':
      'Codes and passkeys are switched off for your account, because too many wrong ones were entered. A recovery code switches them on again. If you have none, ask your administrator to unlock your account.',
    'flow.refused.no-sign-in':
      'You must be signed in for this, and there is no way to sign in here.',
    'flow.fault':
      'Something went wrong on our side. Nothing was changed. Please try again shortly.',
    'flow.title.refused': 'This did not work',
    'flow.title.fault': 'Not available right now',
    'flow.title.stopped': 'It ends here',
    'flow.stopped.session': 'You could not be signed in. Please start again.',
    'flow.stopped.stale':
      'Your last sign-in was too long ago for this. Please sign in again, then start over.',
    'flow.stopped.factor':
      'You have a second factor already. Show that one first, then start over: otherwise a password alone would be enough to get past it.',
    'flow.stopped.stage':
      'There is no way to go on here as this page is set up. Whoever runs it can mend that.',
    'flow.problem.accounts/unavailable':
      'What is kept about your account cannot be reached right now. Please try again shortly.',
    'flow.problem.authenticator/exists':
      'This has been set up already, here or for another account.',
    'flow.problem.authenticator/gone':
      'This has been used or taken away meanwhile. Please start again.',
    'flow.problem.authenticator/too-many':
      'There are as many of these as there may be. Take one away first.',
    'flow.problem.full':
      'This site has run out of storage, so nothing new can be saved. Please tell its administrator, and try again later.',
    'flow.problem.invitation/late':
      'Somebody else was first: there is an account here by now. Ask whoever made it.',
    'flow.problem.invitation/spent':
      'This invitation has been used already or is no longer good. Ask whoever sent it for another.',
    'flow.problem.mail/unavailable': 'No mail can be sent right now. Please try again shortly.',
    'flow.problem.user/exists': 'This name or address is taken. Please go back and choose another.',
    'flow.problem.user/name':
      'This username cannot be used. Please go back and choose another: lower-case letters a to z, digits, dots, hyphens and underscores always work.',
    'flow.problem.user/name-alike':
      'This username looks like that of another user. Please go back and choose one that cannot be confused with it.',
    'flow.problem.user/read-only':
      'This account is kept elsewhere and cannot be changed here. Ask whoever runs this site.',
    'flow.problem.user/unknown': 'This account is not there any more.',
    'flow.link.title': 'Go on from here',
    'flow.link.lead':
      'You have opened a link that was sent to you. Nothing has happened yet: go on only if it was you who asked for it.',
    'flow.link.submit': 'Go on',
    'flow.link.gone':
      'This link is no longer good: it has been used, or it is too old. Start again to get a new one.',
    'flow.link.elsewhere':
      'This link works only in the browser in which you started. Open it there, or type the code from the email there.',
    'flow.circle.title': 'You have just done this',
    'flow.circle.text':
      'You came through here a moment ago, and the app sent you back. Try the app again; if it keeps sending you here, tell whoever runs it.',
    'flow.circle.lost':
      'You signed in a moment ago, but this browser did not keep it. Check that it takes cookies from this site, then try again.',
    'flow.circle.retry': 'Try the app again',
    'flow.circle.again': 'Go through it once more',
    'flow.notice.stale':
      'That page was out of date: its form had been sent before. This is where you are now.',
    'flow.notice.full':
      'This site has run out of storage. Signing out works; signing in may not. Please tell its administrator.',
    'flow.notice.restarted': 'That page was out of date, so we have started again for you.',
    'flow.notice.elsewhere':
      'You were signed in at another place, and that holds only there. Please sign in again here.',
    'flow.notice.unsent':
      'What you just sent was not delivered, because you need to sign in first. Send it again afterwards.',
    'flow.notice.two-cookies':
      'Your browser sent two sign-in cookies for this site. Both have been removed. Please sign in again.',
    'flow.again': 'Start again',
    'flow.home': 'Go to the start page',
    'flow.sign-in': 'Sign in',
    'flow.signed-in.title': 'You are signed in',
    'flow.signed-in.text':
      'You are signed in as {name}. You can go on, or sign in again or as somebody else.',
    'flow.signed-in.only': 'You are signed in as {name}. This page is for people who are not.',
    'flow.signed-in.continue': 'Continue',
    'flow.signed-in.other': 'Sign in again or as somebody else',
  },
  de: {
    'flow.continue.title': 'Noch ein Klick',
    'flow.continue.lead': 'Bisher wurde nichts geändert.',
    'flow.continue.submit': 'Weiter',
    'flow.refused.answer':
      'Bitte füllen Sie das Formular vollständig aus und versuchen Sie es noch einmal.',
    'flow.refused.policy': 'Das steht Ihnen hier und jetzt nicht offen.',
    'flow.refused.unjudged':
      'Das ließ sich gerade nicht prüfen. Bitte versuchen Sie es gleich noch einmal.',
    'flow.refused.link': 'Diese Seite öffnet sich nur über einen Link, der Ihnen geschickt wurde.',
    'flow.refused.sender':
      'Dieses Formular kam von einer anderen Website. Deshalb ist damit nichts geschehen.',
    'flow.refused.unknown':
      'Diese Seite gibt es hier nicht. Der Link ist vielleicht alt oder vertippt.',
    'flow.refused.method': 'Diese Seite kann man öffnen und ihr Formular abschicken, sonst nichts.',
    'flow.refused.body': 'Was geschickt wurde, ist als Antwort auf diese Seite nicht lesbar.',
    'flow.refused.too-many':
      'Zu viele Versuche. Bitte versuchen Sie es in einer Weile noch einmal.',
    'flow.refused.factors':
      'Codes und Passkeys sind für Ihr Konto abgeschaltet, weil zu oft ein falscher eingegeben wurde. Ein Wiederherstellungscode schaltet sie wieder ein. Wenn Sie keinen haben, bitten Sie Ihre Administration, das Konto zu entsperren.',
    'flow.refused.no-sign-in':
      'Dafür müssen Sie angemeldet sein, und hier kann man sich nicht anmelden.',
    'flow.fault':
      'Bei uns ist etwas schiefgegangen. Es wurde nichts geändert. Bitte versuchen Sie es gleich noch einmal.',
    'flow.title.refused': 'Das hat nicht geklappt',
    'flow.title.fault': 'Gerade nicht verfügbar',
    'flow.title.stopped': 'Hier endet es',
    'flow.stopped.session': 'Sie konnten nicht angemeldet werden. Bitte beginnen Sie von vorn.',
    'flow.stopped.stale':
      'Ihre letzte Anmeldung liegt dafür zu lange zurück. Bitte melden Sie sich neu an und beginnen Sie von vorn.',
    'flow.stopped.factor':
      'Sie haben bereits einen zweiten Faktor. Weisen Sie sich zuerst damit aus und beginnen Sie von vorn: Sonst käme jemand mit dem Passwort allein daran vorbei.',
    'flow.stopped.stage':
      'So, wie diese Seite eingerichtet ist, geht es hier nicht weiter. Wer sie betreibt, kann das beheben.',
    'flow.problem.accounts/unavailable':
      'Was zu Ihrem Konto gespeichert ist, ist gerade nicht erreichbar. Bitte versuchen Sie es gleich noch einmal.',
    'flow.problem.authenticator/exists':
      'Das ist bereits eingerichtet, hier oder für ein anderes Konto.',
    'flow.problem.authenticator/gone':
      'Das wurde inzwischen benutzt oder entfernt. Bitte beginnen Sie von vorn.',
    'flow.problem.authenticator/too-many':
      'Davon gibt es schon so viele wie erlaubt. Entfernen Sie zuerst eines.',
    'flow.problem.full':
      'Dieser Seite ist der Speicherplatz ausgegangen: Es kann nichts Neues gespeichert werden. Bitte sagen Sie es ihrer Verwaltung und versuchen Sie es später noch einmal.',
    'flow.problem.invitation/late':
      'Jemand war schneller: Inzwischen gibt es hier ein Konto. Fragen Sie, wer es angelegt hat.',
    'flow.problem.invitation/spent':
      'Diese Einladung wurde schon benutzt oder gilt nicht mehr. Bitten Sie um eine neue.',
    'flow.problem.mail/unavailable':
      'Gerade kann keine E-Mail verschickt werden. Bitte versuchen Sie es gleich noch einmal.',
    'flow.problem.user/exists':
      'Dieser Name oder diese Adresse ist vergeben. Bitte gehen Sie zurück und wählen Sie etwas anderes.',
    'flow.problem.user/name':
      'Dieser Benutzername ist nicht möglich. Bitte gehen Sie zurück und wählen Sie einen anderen: Kleinbuchstaben von a bis z, Ziffern, Punkte, Binde- und Unterstriche gehen immer.',
    'flow.problem.user/name-alike':
      'Dieser Benutzername sieht aus wie der eines anderen Kontos. Bitte gehen Sie zurück und wählen Sie einen, der sich nicht verwechseln lässt.',
    'flow.problem.user/read-only':
      'Dieses Konto wird anderswo geführt und kann hier nicht geändert werden. Fragen Sie, wer diese Seite betreibt.',
    'flow.problem.user/unknown': 'Dieses Konto gibt es nicht mehr.',
    'flow.link.title': 'Hier geht es weiter',
    'flow.link.lead':
      'Sie haben einen Link geöffnet, der Ihnen geschickt wurde. Noch ist nichts geschehen: Machen Sie nur weiter, wenn Sie ihn selbst angefordert haben.',
    'flow.link.submit': 'Weiter',
    'flow.link.gone':
      'Dieser Link gilt nicht mehr: Er wurde schon benutzt oder ist zu alt. Beginnen Sie von vorn, um einen neuen zu bekommen.',
    'flow.link.elsewhere':
      'Dieser Link gilt nur in dem Browser, in dem Sie begonnen haben. Öffnen Sie ihn dort, oder geben Sie dort den Code aus der E-Mail ein.',
    'flow.circle.title': 'Das haben Sie eben schon getan',
    'flow.circle.text':
      'Sie waren gerade eben hier, und die App hat Sie zurückgeschickt. Versuchen Sie es dort noch einmal. Schickt sie Sie wieder her, sagen Sie der Betreuung der App Bescheid.',
    'flow.circle.lost':
      'Sie haben sich gerade angemeldet, aber dieser Browser hat es nicht behalten. Prüfen Sie, ob er Cookies dieser Website annimmt, und versuchen Sie es dann noch einmal.',
    'flow.circle.retry': 'Zurück zur App',
    'flow.circle.again': 'Noch einmal durchgehen',
    'flow.notice.stale':
      'Diese Seite war veraltet: Ihr Formular war schon abgeschickt. Hier stehen Sie jetzt.',
    'flow.notice.full':
      'Dieser Seite ist der Speicherplatz ausgegangen. Abmelden geht, Anmelden vielleicht nicht. Bitte sagen Sie es ihrer Verwaltung.',
    'flow.notice.restarted': 'Diese Seite war veraltet. Deshalb beginnt es für Sie von vorn.',
    'flow.notice.elsewhere':
      'Sie haben sich an einem anderen Ort angemeldet, und das gilt nur dort. Bitte melden Sie sich hier noch einmal an.',
    'flow.notice.unsent':
      'Was Sie eben gesendet haben, wurde nicht übermittelt, weil Sie sich zuerst anmelden müssen. Senden Sie es danach noch einmal.',
    'flow.notice.two-cookies':
      'Ihr Browser hat zwei Anmelde-Cookies für diese Website gesendet. Beide wurden entfernt. Bitte melden Sie sich noch einmal an.',
    'flow.again': 'Von vorn beginnen',
    'flow.home': 'Zur Startseite',
    'flow.sign-in': 'Anmelden',
    'flow.signed-in.title': 'Sie sind angemeldet',
    'flow.signed-in.text':
      'Sie sind als {name} angemeldet. Sie können weitermachen oder sich neu oder als jemand anderes anmelden.',
    'flow.signed-in.only':
      'Sie sind als {name} angemeldet. Diese Seite ist für Leute, die es nicht sind.',
    'flow.signed-in.continue': 'Weiter',
    'flow.signed-in.other': 'Neu oder als jemand anderes anmelden',
  },
};
