/**
 * Texts of the mtls stage. The error is the same for unknown users, other users and disabled
 * accounts.
 */
import type { Texts } from '../../core/values/message.ts';

export const texts: Texts = {
  en: {
    'mtls.title': 'Use your certificate',
    'mtls.lead': 'Your browser has presented a certificate. Continue to confirm who you are.',
    'mtls.submit': 'Continue with certificate',
    'mtls.restart': 'Not you?',
    'mtls.wrong':
      'This certificate does not belong to an account that may sign in here. If you have another one, close the browser, open it again and choose that.',
    'mtls.expired': 'This certificate is not valid today. Ask its issuer for a new one.',
    'mtls.issuer': 'This certificate was not issued for this service. Choose another one.',
    'mtls.purpose': 'This certificate is not made for signing in. Choose another one.',
    'mtls.garbled': 'The certificate did not arrive intact. Please contact your administrator.',
    'mtls.busy': 'Many people are signing in right now. Please try again in a moment.',
    'mtls.throttled':
      'Too many attempts. Try again in {minutes, plural, one {a minute} other {# minutes}}.',
    'mtls.nobody': 'Please start again and enter your username first.',
    'mtls.none':
      'This requires a certificate, and your browser has presented none. Install yours, close the browser and open it again, or contact your administrator.',
  },
  de: {
    'mtls.title': 'Verwenden Sie Ihr Zertifikat',
    'mtls.lead':
      'Ihr Browser hat ein Zertifikat vorgelegt. Fahren Sie fort, um sich damit anzumelden.',
    'mtls.submit': 'Weiter mit Zertifikat',
    'mtls.restart': 'Sind Sie das nicht?',
    'mtls.wrong':
      'Dieses Zertifikat gehört zu keinem Konto, das sich hier anmelden darf. Wenn Sie ein anderes haben, schließen Sie den Browser, öffnen Sie ihn wieder und wählen Sie dieses.',
    'mtls.expired':
      'Dieses Zertifikat ist derzeit nicht gültig. Bitten Sie die ausstellende Stelle um ein neues.',
    'mtls.issuer':
      'Dieses Zertifikat wurde nicht für diesen Dienst ausgestellt. Wählen Sie ein anderes.',
    'mtls.purpose': 'Dieses Zertifikat ist nicht zum Anmelden bestimmt. Wählen Sie ein anderes.',
    'mtls.garbled':
      'Das Zertifikat ist hier nicht vollständig angekommen. Bitte informieren Sie die Administration dieser Website.',
    'mtls.busy': 'Gerade melden sich viele Menschen an. Bitte versuchen Sie es gleich noch einmal.',
    'mtls.throttled':
      'Zu viele Versuche. Versuchen Sie es in {minutes, plural, one {einer Minute} other {# Minuten}} noch einmal.',
    'mtls.nobody': 'Bitte beginnen Sie von vorn und geben Sie zuerst Ihren Benutzernamen ein.',
    'mtls.none':
      'Hierfür ist ein Zertifikat nötig, und Ihr Browser hat keines vorgelegt. Installieren Sie Ihres, schließen Sie den Browser und öffnen Sie ihn wieder, oder wenden Sie sich an die Administration dieser Website.',
  },
};
