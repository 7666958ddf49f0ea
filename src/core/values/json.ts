/** Plain JSON values: the only content of plans, stores and submissions. */

export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json };
