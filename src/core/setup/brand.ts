/** How the operator's site presents itself. */

/** Name and appearance of every page. */
export interface Brand {
  readonly name: string;
  /** Accent color, `#rrggbb`. */
  readonly accent: string;
  /** Absolute path of the logo file, or null for the built-in one. */
  readonly logo: string | null;
}

/** Accent color of a site that configures none, and of pages whose accent color cannot be read. */
export const DEFAULT_ACCENT = '#1d6b5a';
