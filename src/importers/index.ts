/** The list of products whose users can be imported. The first one that recognizes a file reads it. */
import type { Importer } from '../core/administration/importer.ts';
import { authelia } from './authelia/importer.ts';
import { authentik } from './authentik/importer.ts';
import { keycloak } from './keycloak/importer.ts';

export const importers: readonly Importer[] = [keycloak, authentik, authelia];
