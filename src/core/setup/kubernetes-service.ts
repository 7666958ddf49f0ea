/** How manifests for Kubernetes name what a plan has as an address. */

/** A Service as other manifests name it. */
export interface KubernetesService {
  /** Null: the address is no name of a Service. */
  readonly name: string | null;
  readonly namespace: string | null;
  readonly port: number;
}

/** Stands where the operator must name something. */
export const CHANGE_THIS = 'change-this';

/** `NAME`, `NAME.NAMESPACE` or `NAME.NAMESPACE.svc.cluster.local`, with a port. */
export function serviceOf(authority: string): KubernetesService {
  const port = Number(/:(\d+)$/.exec(authority)?.[1] ?? 8080);
  const named =
    /^([a-z][a-z0-9-]*)(?:\.([a-z0-9][a-z0-9-]*)(?:\.svc(?:\.cluster\.local)?)?)?:\d+$/.exec(
      authority,
    );
  return { name: named?.[1] ?? null, namespace: named?.[2] ?? null, port };
}
