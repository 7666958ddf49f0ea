/** Distance between two places along the surface of the earth. */

/** In degrees, -90 to 90 and -180 to 180. */
export interface Point {
  readonly latitude: number;
  readonly longitude: number;
}

/** Mean radius of the earth, in kilometers (IUGG). */
const RADIUS = 6371.0088;

/**
 * Returns the distance in kilometers by the haversine formula, which is accurate for short
 * distances as well; at most 20,016.
 */
export function kilometers(from: Point, to: Point): number {
  const north = Math.sin(radians(to.latitude - from.latitude) / 2);
  const east = Math.sin(radians(to.longitude - from.longitude) / 2);
  const scale = Math.cos(radians(from.latitude)) * Math.cos(radians(to.latitude));
  // Rounding can exceed the range of a sine slightly.
  const share = Math.min(1, Math.max(0, north * north + scale * east * east));
  return 2 * RADIUS * Math.asin(Math.sqrt(share));
}

function radians(degrees: number): number {
  return (degrees * Math.PI) / 180;
}
