/** The purposes of flows. */

export const DESIGNATIONS = [
  'authentication',
  'authorization',
  'enrollment',
  'recovery',
  'invalidation',
  'unenrollment',
  'configuration',
] as const;
export type Designation = (typeof DESIGNATIONS)[number];
