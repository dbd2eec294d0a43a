// Symbols at their own place on the map: detectors, places and the wind.
import { s } from './dom.ts';
import { glyphShape } from './glyph.ts';
import type { Alarm } from './wire.ts';
import { unacknowledged } from './wire.ts';

/** A detector: a ring; with an alarm, the alarm's glyph in its stead. `size` 1 is 22 px. */
export function detectorSymbol(
  x: number,
  y: number,
  alarm: Alarm | undefined,
  mark: string,
  size: number,
): SVGGElement {
  const group = s('g', {
    class: `symbol q-${mark}`,
    transform: `translate(${x} ${y}) scale(${size})`,
  });
  if (alarm) {
    const glyph = s('g', { transform: 'translate(-11 -11) scale(0.917)' });
    glyph.append(glyphShape(alarm.priority, alarm.klass === 'predicted'));
    group.append(glyph);
    if (unacknowledged(alarm)) group.append(s('circle', { class: 'unack-ring', r: 16 }));
  } else {
    group.append(s('circle', { class: 'ring', r: 6 }), s('circle', { class: 'dot', r: 1.6 }));
  }
  if (mark === 'bad') group.append(s('rect', { class: 'bad-mark', x: -10, y: -10, width: 20, height: 20 }));
  return group;
}

/** A place: the green sign of an assembly point (GB 2894), else a plain mark; struck if in a zone. */
export function placeSymbol(
  x: number,
  y: number,
  kind: string,
  threatened: boolean,
  size: number,
): SVGGElement {
  const group = s('g', {
    class: `place ${kind}`,
    transform: `translate(${x} ${y}) scale(${size})`,
  });
  if (kind === 'muster') {
    group.append(
      s('rect', { class: 'sign', x: -11, y: -11, width: 22, height: 22 }),
      s('path', { class: 'sign-mark', d: 'M0 -2.4a2.4 2.4 0 1 1 .01 0M-3 6v-5h6v5z' }),
      s('path', { class: 'sign-mark', d: 'M-9 -9h5l-5 5zM9 -9h-5l5 5zM-9 9h5l-5 -5zM9 9h-5l5 -5z' }),
    );
  } else if (kind === 'intake') {
    group.append(
      s('rect', { class: 'plain', x: -7, y: -7, width: 14, height: 14 }),
      s('path', { class: 'strokes', d: 'M-4 -3h8M-4 0h8M-4 3h8' }),
    );
  } else {
    group.append(s('path', { class: 'plain', d: 'M0 -7L7 0L0 7L-7 0Z' }));
  }
  if (threatened) group.append(s('path', { class: 'struck', d: 'M-12 -12L12 12M12 -12L-12 12' }));
  return group;
}

/** An asset that the plan draws no shape of. */
export function assetMark(x: number, y: number): SVGElement {
  return s('rect', { class: 'plan unit', x: x - 5, y: y - 5, width: 10, height: 10 });
}

/** Where the wind blows to, drawn at the mast; its words stand on the mast's card. */
export function windArrow(x: number, y: number, from_deg: number): SVGGElement {
  return s(
    'g',
    { class: 'wind', transform: `translate(${x} ${y}) rotate(${from_deg})` },
    s('circle', { r: 24 }),
    s('path', { d: 'M0 -20L0 15M-8 7L0 19L8 7' }),
  );
}

/** The scale bar and north arrow in a corner [px from its left bottom]. */
export function furniture(x: number, y: number, length: number, words: string): SVGGElement {
  return s(
    'g',
    { class: 'furniture', transform: `translate(${x} ${y})` },
    s('rect', { class: 'back', x: -4, y: -42, width: length + 50, height: 50 }),
    s('path', { class: 'strokes', d: `M36 -6v6h${length}v-6` }),
    s('text', { x: 36 + length / 2, y: -8, 'text-anchor': 'middle' }, words),
    s('path', { class: 'north', d: 'M12 -36L20 -12L12 -17L4 -12Z' }),
    s('text', { x: 12, y: 1, 'text-anchor': 'middle' }, 'N'),
  );
}

/** A candidate source: rings whose weight says how likely it is. */
export function sourceMark(x: number, y: number, best: boolean): SVGGElement {
  const group = s('g', { class: `source${best ? ' best' : ''}`, transform: `translate(${x} ${y})` });
  group.append(s('circle', { r: best ? 15 : 10 }));
  if (best) group.append(s('path', { d: 'M-21 0h12M9 0h12M0 -21v12M0 9v12' }));
  return group;
}
