// The site's plan (GeoJSON in site metres) as grey shapes: nothing on it is coloured.
import { s } from './dom.ts';
import { type Box, type Projection } from './project.ts';
import type { Feature, SiteInfo } from './wire.ts';

type Line = [number, number][];

/** The lines and rings of a feature; of anything else none. */
export function linesOf(feature: Feature): Line[] {
  const { type, coordinates } = feature.geometry;
  if (type === 'LineString') return [coordinates as Line];
  if (type === 'Polygon' || type === 'MultiLineString') return coordinates as Line[];
  if (type === 'MultiPolygon') return (coordinates as Line[][]).flat();
  return [];
}

/** Every point of a site that should be on its map [m]. */
export function* pointsOf(site: SiteInfo): Generator<[number, number]> {
  for (const feature of site.plan.features) for (const line of linesOf(feature)) yield* line;
  for (const { x_m, y_m } of [...site.assets, ...site.places]) yield [x_m, y_m];
  // The derived health tag stands nowhere.
  for (const tag of site.tags) if (tag.asset) yield [tag.x_m, tag.y_m];
}

/** The path of some lines, closed where they are rings. */
export function pathOf(lines: Line[], scaled: Projection, closed: boolean): string {
  return lines
    .map((line) => {
      const points = line.map(([x, y]) => `${scaled.x(x).toFixed(1)} ${scaled.y(y).toFixed(1)}`);
      return `M${points.join('L')}${closed ? 'Z' : ''}`;
    })
    .join('');
}

/** The pixels that a feature covers. */
export function boxOf(feature: Feature, scaled: Projection): Box | null {
  const points = linesOf(feature).flat();
  if (!points.length) return null;
  const xs = points.map(([x]) => scaled.x(x));
  const ys = points.map(([, y]) => scaled.y(y));
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return { x, y, w: Math.max(...xs) - x, h: Math.max(...ys) - y };
}

const ORDER = ['area', 'road', 'fence', 'bund', 'pipe', 'building', 'bay', 'unit', 'tank'];

/** Draw the plan: areas lowest, then roads, then what stands on them. */
export function drawPlan(site: SiteInfo, scaled: Projection): SVGElement[] {
  const rank = (feature: Feature): number => ORDER.indexOf(feature.properties?.kind ?? '');
  const shapes: SVGElement[] = [];
  for (const feature of [...site.plan.features].sort((a, b) => rank(a) - rank(b))) {
    const kind = feature.properties?.kind ?? 'other';
    const closed = feature.geometry.type.endsWith('Polygon');
    const width = (feature.properties?.width_m ?? 0) * scaled.scale;
    const d = pathOf(linesOf(feature), scaled, closed);
    if (kind === 'road') {
      const road = s('path', { d, class: 'plan road' });
      road.style.strokeWidth = String(Math.max(2, width));
      shapes.push(road);
    } else {
      shapes.push(s('path', { d, class: `plan ${kind}${closed ? '' : ' line'}` }));
    }
  }
  return shapes;
}
