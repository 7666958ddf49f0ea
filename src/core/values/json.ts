/** Plain JSON values: all that plans, stores and answers may hold. */

export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json };
