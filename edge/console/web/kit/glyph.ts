// Alarm glyphs: a shape and a digit for each priority, colour only as a third cue. Predicted
// conditions wear the same shape in dashed purple: the list never takes them for a detector.
import { s } from './dom.ts';

const SHAPES: Record<number, string> = {
  1: 'M2 2H22V22H2Z', // 紧急: square
  2: 'M12 1L23.5 22.5H0.5Z', // 高: triangle
  3: 'M0.5 1.5H23.5L12 23Z', // 中: triangle on its point
  4: 'M12 1.5A10.5 10.5 0 1 1 11.99 1.5Z', // 低: circle
};
const MIDDLE: Record<number, number> = { 1: 12, 2: 15.2, 3: 8.8, 4: 12 };

/** A glyph 24 × 24 units large, its digit included. */
export function glyphShape(priority: number, predicted: boolean): SVGGElement {
  const known = SHAPES[priority] ? priority : 4;
  return s(
    'g',
    { class: `glyph p${known}${predicted ? ' predicted' : ''}` },
    s('path', { d: SHAPES[known] }),
    s('text', { x: 12, y: MIDDLE[known], 'text-anchor': 'middle', dy: '0.36em' }, String(known)),
  );
}

/** A glyph as an image of its own, for lists. */
export function glyph(priority: number, predicted: boolean): SVGSVGElement {
  return s(
    'svg',
    { class: 'glyph-box', viewBox: '0 0 24 24', 'aria-hidden': 'true' },
    glyphShape(priority, predicted),
  );
}
