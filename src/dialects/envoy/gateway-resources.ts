/** The form of a resource of Kubernetes, and the parts that several resources have. */
import { CHANGE_THIS, type KubernetesService } from '../../core/setup/kubernetes-service.ts';

export const GATEWAY_API = 'gateway.networking.k8s.io';
export const ENVOY_GATEWAY = 'gateway.envoyproxy.io';

/** The name of the Gateway, its settings, and the checks in each namespace. */
export const NAME = 'doorward';

/** The label of a route whose requests are checked. */
export const CHECKED = { [NAME]: 'checked' };

/** One resource. */
export interface Resource {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly spec: object;
}

/** Where a resource is; null: where the operator applies it. */
export type Namespace = KubernetesService['namespace'];

/** A resource by group, version and kind. */
export function resource(
  [group, version, kind]: readonly [string, string, string],
  { name, namespace }: { readonly name: string; readonly namespace: Namespace },
  spec: object,
): Resource {
  const metadata = { name, ...(namespace === null ? {} : { namespace }) };
  return { apiVersion: `${group}/${version}`, kind, metadata, spec };
}

/** A Service, for `backendRefs`. */
export function backend({ name, namespace, port }: KubernetesService): object {
  return {
    name: name ?? CHANGE_THIS,
    ...(namespace === null ? {} : { namespace }),
    port,
  };
}

/** The listener of the Gateway for a port. */
export function listenerName(scheme: string, port: number): string {
  return `${scheme}-${port}`;
}
