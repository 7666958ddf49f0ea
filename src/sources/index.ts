/** The kinds of sources there are, in reading order. One line for each folder. */
import type { SourceKind } from '../core/setup/adapters.ts';
import { oauth2 } from './oauth2/source.ts';
import { oidc } from './oidc/source.ts';

export const sources: readonly SourceKind[] = [oidc, oauth2];
