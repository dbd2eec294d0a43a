// Threat zones of a hazard estimate as purple lines, outside every alarm colour. They are dashed
// because their source is an estimate; each says its level and value.
import { s } from './dom.ts';
import { plain } from './format.ts';
import { overlap } from './labels.ts';
import { pathOf } from './plan.ts';
import type { Box, Projection } from './project.ts';
import type { Estimate, Ring, Zone } from './wire.ts';
import { titled } from './words.ts';

export interface PlumeText {
  width(text: string): number;
  height: number;
}

/** A zone's short name: the AEGL levels have one of their own, others their title. */
export function zoneName(zone: Zone): string {
  const aegl = /^aegl-(\d)$/.exec(zone.id);
  return aegl ? `AEGL-${aegl[1]}` : titled(zone.title);
}

/** A zone's words: "AEGL-2 2 ppm · 60 min". */
export function zoneText(zone: Zone): string {
  const words = `${zoneName(zone)} ${plain(zone.value)} ${zone.unit}`;
  return zone.id.startsWith('aegl-') ? `${words} · 60 min` : words;
}

/** How far a zone reaches from a point [m]; 0 where it is empty. */
export function reach(zone: Zone, x_m: number, y_m: number): number {
  let far = 0;
  for (const ring of zone.rings) {
    for (const [x, y] of ring) far = Math.max(far, Math.hypot(x - x_m, y - y_m));
  }
  return far;
}

/** Draw every zone of an estimate; labels keep off `taken` boxes where they can. */
export function drawPlume(
  estimate: Estimate,
  scaled: Projection,
  bounds: Box,
  taken: readonly Box[],
  text: PlumeText,
): SVGElement[] {
  const shapes: SVGElement[] = [];
  const labels: SVGElement[] = [];
  const occupied = [...taken];
  const { zones } = estimate;
  zones.forEach((zone, n) => {
    const severity = Math.min(3, Math.max(1, n + 1 + Math.max(0, 3 - zones.length)));
    const d = pathOf(zone.rings, scaled, true);
    if (!d) return;
    shapes.push(s('path', { d, class: `zone zone-${severity}`, 'fill-rule': 'evenodd' }));
    const words = zoneText(zone);
    const size = { w: text.width(words) + 10, h: text.height + 6 };
    const box = labelBox(zone.rings, scaled, bounds, occupied, size);
    if (!box) return; // nowhere in view; the zone is in the list of zones all the same
    occupied.push(box);
    labels.push(labelOf(words, box, text.height));
  });
  return [...shapes, ...labels];
}

function labelOf(words: string, box: Box, size: number): SVGElement {
  return s(
    'g',
    { class: 'zone-label' },
    s('rect', { x: box.x, y: box.y, width: box.w, height: box.h, rx: 2 }),
    s(
      'text',
      {
        x: box.x + box.w / 2,
        y: box.y + box.h / 2,
        'text-anchor': 'middle',
        'font-size': size,
        dy: '0.36em',
      },
      words,
    ),
  );
}

const STRIDE = 24; // between places tried along a ring [px]

/** Points along a ring, also between far corners; of what is far outside the map none [px]. */
function* along(ring: Ring, scaled: Projection, bounds: Box): Generator<[number, number]> {
  let before: [number, number] | null = null;
  for (const [east, north] of ring) {
    const now: [number, number] = [scaled.x(east), scaled.y(north)];
    const [fromX, fromY] = before ?? now;
    const steps = Math.max(1, Math.ceil(Math.hypot(now[0] - fromX, now[1] - fromY) / STRIDE));
    for (let n = 1; n <= Math.min(steps, 2000); n += 1) {
      const x = fromX + ((now[0] - fromX) * n) / steps;
      const y = fromY + ((now[1] - fromY) * n) / steps;
      if (x > 0 && x < bounds.w && y > 0 && y < bounds.h) yield [x, y];
    }
    before = now;
  }
}

/** A box on a ring, inside the map and off what is there; the cheapest of points along it. */
function labelBox(
  rings: readonly Ring[],
  scaled: Projection,
  bounds: Box,
  taken: readonly Box[],
  size: { w: number; h: number },
): Box | null {
  let best: Box | null = null;
  let least = Number.POSITIVE_INFINITY;
  for (const ring of rings) {
    for (const [x, y] of along(ring, scaled, bounds)) {
      const box = { x: Math.round(x - size.w / 2), y: Math.round(y - size.h / 2), ...size };
      if (overlap(box, bounds) < box.w * box.h) continue;
      let price = 0;
      for (const other of taken) price += overlap(box, other);
      if (price > 0.5 * size.w * size.h) continue;
      // Near the middle of the map a label is seen; at its rim it is not.
      const [cx, cy] = [bounds.x + bounds.w / 2, bounds.y + bounds.h / 2];
      price += Math.hypot(box.x + box.w / 2 - cx, box.y + box.h / 2 - cy) * 0.02;
      if (price < least) [best, least] = [box, price];
    }
  }
  return best;
}
