/** The stages, in reading order. A new one is a folder and a line here. */
import type { AnyStage } from '../core/stage.ts';
import { deny } from './deny/stage.ts';
import { identification } from './identification/stage.ts';
import { message } from './message/stage.ts';
import { password } from './password/stage.ts';
import { redirect } from './redirect/stage.ts';
import { userLogin } from './user_login/stage.ts';
import { userLogout } from './user_logout/stage.ts';

export const stages: readonly AnyStage[] = [
  identification,
  password,
  userLogin,
  userLogout,
  message,
  deny,
  redirect,
];
