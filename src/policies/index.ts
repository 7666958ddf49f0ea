/** All policies, in reading order. One line per folder. */
import type { Policy } from '../core/policy/policy.ts';
import { attribute } from './attribute/policy.ts';
import { consent } from './consent/policy.ts';
import { device } from './device/policy.ts';
import { dummy } from './dummy/policy.ts';
import { event } from './event/policy.ts';
import { expression } from './expression/policy.ts';
import { geo } from './geo/policy.ts';
import { group } from './group/policy.ts';
import { http } from './http/policy.ts';
import { method } from './method/policy.ts';
import { network } from './network/policy.ts';
import { passwordAge } from './password_age/policy.ts';
import { passwordReuse } from './password_reuse/policy.ts';
import { passwordStrength } from './password_strength/policy.ts';
import { reputation } from './reputation/policy.ts';
import { timeOfDay } from './time/policy.ts';
import { travel } from './travel/policy.ts';
import { user } from './user/policy.ts';

export const policies: readonly Policy[] = [
  group,
  user,
  attribute,
  method,
  network,
  http,
  timeOfDay,
  geo,
  travel,
  passwordAge,
  passwordStrength,
  passwordReuse,
  reputation,
  device,
  consent,
  event,
  expression,
  dummy,
];
