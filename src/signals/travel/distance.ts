/** How far apart two places are, along the surface of the earth. */

/** Degrees, -90 to 90 and -180 to 180. */
export interface Point {
  readonly latitude: number;
  readonly longitude: number;
}

/** Mean radius of the earth, in kilometres (IUGG). */
const RADIUS = 6371.0088;

/** Kilometres between two points by the haversine formula, which is exact enough for short ways, too; at most 20,016. */
export function kilometres(from: Point, to: Point): number {
  const north = Math.sin(radians(to.latitude - from.latitude) / 2);
  const east = Math.sin(radians(to.longitude - from.longitude) / 2);
  const scale = Math.cos(radians(from.latitude)) * Math.cos(radians(to.latitude));
  // Rounding may lead a hair beyond what a sine can be.
  const share = Math.min(1, Math.max(0, north * north + scale * east * east));
  return 2 * RADIUS * Math.asin(Math.sqrt(share));
}

function radians(degrees: number): number {
  return (degrees * Math.PI) / 180;
}
