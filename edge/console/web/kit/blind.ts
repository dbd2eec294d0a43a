// What nobody watches: the circles around detectors that are set aside or give nothing.
import { s } from './dom.ts';
import type { Projection } from './project.ts';
import { unwatched } from './values.ts';
import type { Row, SiteInfo, TagInfo } from './wire.ts';

const LEAST_PX = 13; // a circle of a few metres must still be seen on a map of a kilometre

/** The detectors that watch nothing now, in the site's order. */
export function blindTags(site: SiteInfo, rows: ReadonlyMap<string, Row>): TagInfo[] {
  return site.tags.filter((tag) => tag.cover_m !== null && unwatched(rows.get(tag.tag)));
}

/** A circle for each of `tags`, as far as it would cover. */
export function blindCircles(tags: TagInfo[], scaled: Projection): SVGElement[] {
  return tags.map((tag) =>
    s('circle', {
      class: 'blind',
      'data-blind': tag.tag,
      cx: scaled.x(tag.x_m),
      cy: scaled.y(tag.y_m),
      r: Math.max((tag.cover_m ?? 0) * scaled.scale, LEAST_PX),
    }),
  );
}
