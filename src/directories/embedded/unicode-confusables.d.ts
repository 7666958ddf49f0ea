/** The package names its types wrongly (`index.ts.d`). */
declare module 'unicode-confusables' {
  /** Each character replaced by the one it is mistaken for. */
  export function rectifyConfusion(text: string): string;
}
