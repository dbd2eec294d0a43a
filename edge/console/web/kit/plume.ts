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
    const step = Math.max(1, Math.floor(ring.length / 90));
    for (let n = 0; n < ring.length; n += step) {
      const point = ring[n];
      if (!point) continue;
      const box = {
        x: Math.round(scaled.x(point[0]) - size.w / 2),
        y: Math.round(scaled.y(point[1]) - size.h / 2),
        ...size,
      };
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
