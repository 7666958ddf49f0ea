/** All stages, in reading order. A new stage needs a folder and a line here. */
import type { AnyStage } from '../core/flow/stage.ts';
import { authenticator } from './authenticator/stage.ts';
import { captcha } from './captcha/stage.ts';
import { consent } from './consent/stage.ts';
import { deny } from './deny/stage.ts';
import { emailCode } from './email_code/stage.ts';
import { emailCodeSetup } from './email_code_setup/stage.ts';
import { emailLink } from './email_link/stage.ts';
import { identification } from './identification/stage.ts';
import { invitation } from './invitation/stage.ts';
import { message } from './message/stage.ts';
import { mtls } from './mtls/stage.ts';
import { password } from './password/stage.ts';
import { prompt } from './prompt/stage.ts';
import { recoveryCodesSetup } from './recovery_codes_setup/stage.ts';
import { redirect } from './redirect/stage.ts';
import { source } from './source/stage.ts';
import { tokens } from './tokens/stage.ts';
import { totpSetup } from './totp_setup/stage.ts';
import { userDelete } from './user_delete/stage.ts';
import { userLogin } from './user_login/stage.ts';
import { userLogout } from './user_logout/stage.ts';
import { userWrite } from './user_write/stage.ts';
import { webauthnSetup } from './webauthn_setup/stage.ts';

export const stages: readonly AnyStage[] = [
  identification,
  password,
  emailCode,
  emailLink,
  authenticator,
  source,
  mtls,
  totpSetup,
  webauthnSetup,
  recoveryCodesSetup,
  emailCodeSetup,
  tokens,
  captcha,
  invitation,
  prompt,
  userWrite,
  consent,
  userLogin,
  userLogout,
  userDelete,
  message,
  deny,
  redirect,
];
