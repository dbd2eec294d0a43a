// From site metres to pixels: north is up, one scale for both axes.

export interface Box {
  x: number;
  y: number;
  w: number;
  h: number;
}
export interface Extent {
  west: number;
  south: number;
  east: number;
  north: number;
}
export interface Projection {
  scale: number; // [px/m]
  x(east_m: number): number;
  y(north_m: number): number;
}

/** The smallest extent that holds every point [m]; null where there is none. */
export function extentOf(points: Iterable<readonly [number, number]>): Extent | null {
  let found: Extent | null = null;
  for (const [x, y] of points) {
    if (!Number.isFinite(x) || !Number.isFinite(y)) continue;
    found ??= { west: x, east: x, south: y, north: y };
    found.west = Math.min(found.west, x);
    found.east = Math.max(found.east, x);
    found.south = Math.min(found.south, y);
    found.north = Math.max(found.north, y);
  }
  return found;
}

/** Fit an extent into a box of pixels with a margin [px] inside it. */
export function fit(extent: Extent, box: Box, margin: number): Projection {
  const width = Math.max(1, extent.east - extent.west);
  const height = Math.max(1, extent.north - extent.south);
  const scale = Math.max(
    1e-6,
    Math.min((box.w - 2 * margin) / width, (box.h - 2 * margin) / height),
  );
  const left = box.x + (box.w - width * scale) / 2;
  const top = box.y + (box.h - height * scale) / 2;
  return {
    scale,
    x: (east) => left + (east - extent.west) * scale,
    y: (north) => top + (extent.north - north) * scale,
  };
}

/** The longest of 1, 2, 5 × 10ⁿ metres that is at most `most` pixels long. */
export function scaleBar(scale: number, most: number): number {
  const size = 10 ** Math.floor(Math.log10(most / scale));
  const step = [5, 2, 1].find((n) => n * size * scale <= most) ?? 1;
  return step * size;
}
