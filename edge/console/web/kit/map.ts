// The site map: our own SVG in site metres, north up. It draws what it is told and decides nothing.
import { blindCircles, blindTags } from './blind.ts';
import { before, CardView, type Metrics, sizeOf } from './cardview.ts';
import { type Card, cardsOf } from './cards.ts';
import { s } from './dom.ts';
import { significant } from './format.ts';
import { type Label, place, placeOne, type Placed } from './labels.ts';
import { boxOf, drawPlan, pointsOf } from './plan.ts';
import { drawPlume } from './plume.ts';
import { type Box, type Extent, extentOf, fit, type Projection, scaleBar } from './project.ts';
import { assetMark, detectorSymbol, furniture, placeSymbol, sourceMark, windArrow } from './symbols.ts';
import { shown } from './values.ts';
import { type Alarm, type Estimate, isHeld, type Row, type SiteInfo, subjectOf, type TagInfo } from './wire.ts';
import { say, titled } from './words.ts';

const MARGIN = 22;
const FURTHEST_M = 4000; // the wide view ends here: beyond it the site would be a dot
const FONT = '"Noto Sans SC","Noto Sans CJK SC","Microsoft YaHei","WenQuanYi Micro Hei",sans-serif';

export interface MapState {
  rows: ReadonlyMap<string, Row>;
  alarms: ReadonlyMap<string, Alarm>;
  estimate: Estimate | null;
}

function around(x: number, y: number, by: number): Box {
  return { x: x - by, y: y - by, w: 2 * by, h: 2 * by };
}

/** Alarms by tag, the worst of each. */
export function worstByTag(alarms: Iterable<Alarm>): Map<string, Alarm> {
  const worst = new Map<string, Alarm>();
  for (const alarm of alarms) {
    if (isHeld(alarm)) continue; // set aside: it is listed, and the map speaks of what is not
    const at = subjectOf(alarm);
    const held = worst.get(at);
    if (!held || before(alarm, held)) worst.set(at, alarm);
  }
  return worst;
}

/** The map of one site in one element. */
export class SiteMap {
  wide = false;
  private readonly svg: SVGSVGElement;
  private readonly host: HTMLElement;
  private readonly site: SiteInfo;
  private readonly select: (tag: TagInfo) => void;
  private readonly all: Card[];
  private readonly layers: Record<'plan' | 'blind' | 'plume' | 'leaders' | 'symbols' | 'cards' | 'top', SVGGElement>;
  private readonly ink = document.createElement('canvas').getContext('2d');
  private views: CardView[] = [];
  private placed = new Map<string, Placed>();
  private fixed: Box[] = [];
  private scaled: Projection | null = null;
  private bounds: Box = { x: 0, y: 0, w: 0, h: 0 };
  private metrics: Metrics;
  private drawn = new Map<string, { sign: string; element: SVGElement }>();
  private blindSign = '';
  private state: MapState = { rows: new Map(), alarms: new Map(), estimate: null };

  constructor(host: HTMLElement, site: SiteInfo, select: (tag: TagInfo) => void) {
    this.host = host;
    this.site = site;
    this.select = select;
    this.all = cardsOf(site);
    this.metrics = this.measure();
    const layer = (): SVGGElement => s('g');
    this.layers = {
      plan: layer(),
      blind: layer(),
      plume: layer(),
      leaders: layer(),
      symbols: layer(),
      cards: layer(),
      top: layer(),
    };
    const hatch = s(
      'pattern',
      { id: 'hatch', width: 7, height: 7, patternUnits: 'userSpaceOnUse', patternTransform: 'rotate(45)' },
      s('rect', { width: 3, height: 7, class: 'hatch-line' }),
    );
    this.svg = s('svg', { class: 'site-map', role: 'img' }, s('defs', {}, hatch));
    const { plan, blind, plume, leaders, symbols, cards, top } = this.layers;
    this.svg.append(plan, blind, plume, leaders, symbols, cards, top);
    host.append(this.svg);
    new ResizeObserver(() => this.layout()).observe(host);
  }

  /** Show this state. */
  show(state: MapState): void {
    const before = this.state.estimate;
    this.state = state;
    if (this.wide && before !== state.estimate) this.layout();
    else this.draw(before !== state.estimate);
  }

  /** Show the whole plume, or the site alone. */
  setWide(wide: boolean): void {
    this.wide = wide;
    this.layout();
  }

  /** The cards of this view: the wide one has room for where people are, not for each detector. */
  private get cards(): Card[] {
    const people = ['muster', 'neighbour'];
    return this.wide ? this.all.filter((card) => people.includes(card.sort)) : this.all;
  }

  /** Whether the estimate's zones leave the site's own map. */
  get leavesSite(): boolean {
    const extent = extentOf(pointsOf(this.site));
    const rings = this.state.estimate?.zones.flatMap((zone) => zone.rings) ?? [];
    if (!extent) return false;
    return rings
      .flat()
      .some(([x, y]) => x < extent.west || x > extent.east || y < extent.south || y > extent.north);
  }

  private measure(): Metrics {
    const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize) || 16;
    const width = (text: string, size: number, bold: boolean): number => {
      if (!this.ink) return text.length * size * 0.7;
      this.ink.font = `${bold ? 600 : 400} ${size}px ${FONT}`;
      return this.ink.measureText(text).width;
    };
    return { small: Math.max(11, rem * 0.8), large: Math.max(12.5, rem * 0.98), width };
  }

  private extent(): Extent {
    const points = [...pointsOf(this.site)];
    if (this.wide) {
      const source = this.sourceAt();
      for (const zone of this.state.estimate?.zones ?? []) {
        for (const point of zone.rings.flat()) {
          if (!source || Math.hypot(point[0] - source[0], point[1] - source[1]) < FURTHEST_M) {
            points.push(point);
          }
        }
      }
    }
    return extentOf(points) ?? { west: 0, south: 0, east: 100, north: 100 };
  }

  private layout(): void {
    const { clientWidth: w, clientHeight: h } = this.host;
    if (!w || !h) return;
    this.bounds = { x: 0, y: 0, w, h };
    this.svg.setAttribute('viewBox', `0 0 ${w} ${h}`);
    this.metrics = this.measure();
    const scaled = fit(this.extent(), this.bounds, MARGIN);
    this.scaled = scaled;
    const bar = scaleBar(scaled.scale, Math.min(160, w / 6));
    const corner = { x: 6, y: h - 62, w: 60 + bar * scaled.scale, h: 62 };
    const names = this.wide ? { shapes: [], boxes: [] } : this.names(scaled);
    const drawn = new Set(this.site.plan.features.map((feature) => String(feature.id)));
    const bare = this.site.assets.filter((one) => !drawn.has(one.id) && one.kind !== 'mast');
    this.layers.plan.replaceChildren(
      ...drawPlan(this.site, scaled),
      ...bare.map((one) => assetMark(scaled.x(one.x_m), scaled.y(one.y_m))),
      ...names.shapes,
    );
    this.placeCards(scaled, [corner, ...names.boxes]);
    const words = bar >= 1000 ? `${bar / 1000} km` : `${bar} m`;
    this.drawn.clear();
    this.blindSign = '';
    this.layers.symbols.replaceChildren();
    this.layers.top.replaceChildren(furniture(12, h - 14, bar * scaled.scale, words));
    this.draw(true);
  }

  /** The names of areas and of buildings that are nobody's asset. */
  private names(scaled: Projection): { shapes: SVGElement[]; boxes: Box[] } {
    const areas = new Map(this.site.areas.map((area) => [area.id, area.title]));
    const [shapes, boxes]: [SVGElement[], Box[]] = [[], []];
    const size = this.metrics.small;
    for (const feature of this.site.plan.features) {
      const title = areas.get(String(feature.id)) ?? feature.properties?.title;
      const box = title && boxOf(feature, scaled);
      if (!title || !box) continue;
      const words = titled(title);
      const width = this.metrics.width(words, size, false);
      const isArea = areas.has(String(feature.id));
      if (!isArea && width > box.w + 8) continue;
      const x = isArea ? box.x + 4 : box.x + (box.w - width) / 2;
      const y = isArea ? box.y - 4 : box.y + box.h / 2 + size * 0.36;
      shapes.push(s('text', { class: isArea ? 'area-name' : 'name', x, y, 'font-size': size }, words));
      boxes.push({ x, y: y - size, w: width, h: size * 1.2 });
    }
    return { shapes, boxes };
  }

  private placeCards(scaled: Projection, keep: Box[]): void {
    const { cards } = this;
    const symbols = cards.map((card) =>
      around(scaled.x(card.x_m), scaled.y(card.y_m), card.kind === 'asset' ? 7 : 13),
    );
    for (const card of cards) {
      if (card.sort === 'mast') symbols.push(around(scaled.x(card.x_m), scaled.y(card.y_m), 26));
    }
    const soft = this.site.plan.features
      .filter((feature) => ['building', 'tank', 'unit', 'bay'].includes(feature.properties?.kind ?? ''))
      .flatMap((feature) => boxOf(feature, scaled) ?? []);
    this.fixed = [...keep, ...symbols];
    this.placed = place(this.labels(cards, scaled), this.fixed, soft, this.bounds);
    this.views = [];
    const leaders: SVGElement[] = [];
    for (const card of cards) {
      const placed = this.placed.get(card.id);
      // A card that would cover another is left out; its symbol stands, and alarms are on the list.
      if (!placed?.clear) continue;
      this.views.push(new CardView(card, placed, this.metrics, this.select));
      if (!placed.leader) continue;
      const [x1, y1, x2, y2] = placed.leader;
      leaders.push(s('line', { class: 'leader', x1, y1, x2, y2 }));
    }
    this.layers.leaders.replaceChildren(...leaders);
    this.layers.cards.replaceChildren(...this.views.map((view) => view.element));
  }

  private labels(cards: Card[], scaled: Projection): Label[] {
    return cards.map((card) => {
      const size = sizeOf(card, this.metrics);
      const asset = this.site.assets.find(
        (one) => one.id === card.lines[0]?.tag.asset && card.kind === 'detector',
      );
      const [dx, dy] = asset ? [card.x_m - asset.x_m, asset.y_m - card.y_m] : [0, 0];
      const length = Math.hypot(dx, dy);
      const gap = card.sort === 'mast' ? 28 : card.kind === 'asset' ? 9 : 14;
      return {
        id: card.id,
        x: scaled.x(card.x_m),
        y: scaled.y(card.y_m),
        ...size,
        gap,
        ...(length > 0 ? { away: [dx / length, dy / length] as const } : {}),
      };
    });
  }

  private draw(estimateChanged: boolean): void {
    const scaled = this.scaled;
    if (!scaled) return;
    const { rows, alarms } = this.state;
    const byTag = worstByTag(alarms.values());
    for (const view of this.views) {
      view.values(rows);
      view.alarms(byTag);
    }
    this.symbols(scaled, byTag);
    this.blind(scaled);
    if (estimateChanged) this.layers.plume.replaceChildren(...this.plume(scaled));
  }

  /** Smaller symbols where detectors stand close on the screen. */
  private get symbolSize(): number {
    return Math.min(1, Math.max(this.wide ? 0.55 : 0.72, (this.scaled?.scale ?? 3) / 3));
  }

  private symbols(scaled: Projection, byTag: ReadonlyMap<string, Alarm>): void {
    const zones = new Map(this.state.estimate?.places.map((one) => [one.place, one.zone]));
    for (const card of this.all) {
      const [x, y] = [scaled.x(card.x_m), scaled.y(card.y_m)];
      const tag = card.lines[0]?.tag;
      if (card.kind === 'detector' && tag) {
        const { mark } = shown(tag, this.state.rows.get(tag.tag));
        const alarm = byTag.get(tag.tag);
        if (this.wide && !alarm) continue;
        const sign = alarm ? `${alarm.priority} ${alarm.klass} ${alarm.state}` : '';
        this.symbol(card.id, `${mark} ${sign}`, () => {
          const symbol = detectorSymbol(x, y, alarm, mark, this.symbolSize);
          symbol.addEventListener('click', () => this.select(tag));
          return symbol;
        });
      } else if (card.kind === 'place') {
        const struck = Boolean(zones.get(card.id));
        this.symbol(card.id, String(struck), () =>
          placeSymbol(x, y, card.sort, struck, this.wide ? 0.7 : 1),
        );
      }
    }
    this.wind(scaled);
  }

  /** Draw a symbol anew only where it differs: a blinking ring must not start over each tick. */
  private symbol(id: string, sign: string, make: () => SVGElement): void {
    const held = this.drawn.get(id);
    if (held?.sign === sign) return;
    const element = make();
    if (held) held.element.replaceWith(element);
    else this.layers.symbols.append(element);
    this.drawn.set(id, { sign, element });
  }

  /** Draw what nobody watches anew where it differs; the wide view has no room for metres. */
  private blind(scaled: Projection): void {
    const tags = this.wide ? [] : blindTags(this.site, this.state.rows);
    const sign = ['.', ...tags.map((tag) => tag.tag)].join(' ');
    if (sign === this.blindSign) return;
    this.blindSign = sign;
    this.layers.blind.replaceChildren(...blindCircles(tags, scaled));
  }

  private wind(scaled: Projection): void {
    const tag = this.site.tags.find((one) => one.tag === this.site.hazard?.wind_from_tag);
    if (!tag) return;
    const row = this.state.rows.get(tag.tag);
    const from = row && row[2] !== 2 ? row[1] : null;
    const [x, y] = this.wide ? [40, 40] : [scaled.x(tag.x_m), scaled.y(tag.y_m)];
    const make = (): SVGElement => (from === null ? s('g') : windArrow(x, y, Math.round(from)));
    this.symbol('wind', from === null ? '' : String(Math.round(from)), make);
  }

  private sourceAt(): [number, number] | null {
    const best = this.state.estimate?.candidates[0];
    const asset = this.site.assets.find((one) => one.id === best?.asset);
    return asset ? [asset.x_m, asset.y_m] : null;
  }

  private plume(scaled: Projection): SVGElement[] {
    const { estimate } = this.state;
    if (!estimate || estimate.state !== 'estimate') return [];
    const size = this.metrics.small;
    const width = (text: string): number => this.metrics.width(text, size, true);
    const cards = [...this.placed.values()].filter((one) => one.clear);
    const mark = this.sourceLabel(estimate, scaled, cards);
    const taken = [...cards.map((one) => one.box), ...this.fixed, ...mark.boxes];
    if (this.wide) taken.push(this.siteBox(scaled));
    const text = { width, height: size };
    return [...drawPlume(estimate, scaled, this.bounds, taken, text), ...mark.shapes];
  }

  /** The pixels that the site itself covers. */
  private siteBox(scaled: Projection): Box {
    const { west, east, south, north } = extentOf(pointsOf(this.site)) ?? this.extent();
    const [x, y] = [scaled.x(west), scaled.y(north)];
    return { x, y, w: scaled.x(east) - x, h: scaled.y(south) - y };
  }

  /** The candidates' marks, and the best one's rate with its interval. */
  private sourceLabel(
    estimate: Estimate,
    scaled: Projection,
    cards: Placed[],
  ): { shapes: SVGElement[]; boxes: Box[] } {
    const shapes: SVGElement[] = [];
    for (const [n, candidate] of estimate.candidates.entries()) {
      const asset = this.site.assets.find((one) => one.id === candidate.asset);
      if (asset) shapes.push(sourceMark(scaled.x(asset.x_m), scaled.y(asset.y_m), n === 0));
    }
    const [best, at] = [estimate.candidates[0], this.sourceAt()];
    if (!best || !at) return { shapes, boxes: [] };
    const range = `${significant(best.rate_lo_kg_s, 2)}–${significant(best.rate_hi_kg_s, 2)}`;
    const words = say('console.map.source', { rate: significant(best.rate_kg_s, 2), range });
    const size = this.metrics.small;
    const label = {
      id: 'source',
      x: scaled.x(at[0]),
      y: scaled.y(at[1]),
      w: Math.ceil(this.metrics.width(words, size, true) + 12),
      h: Math.ceil(size + 9),
      gap: 24,
    };
    const hard = this.wide ? [...this.fixed, this.siteBox(scaled)] : this.fixed;
    const ground = { hard, soft: [], bounds: this.bounds };
    const { box, leader } = placeOne(label, cards, ground);
    if (leader) {
      const [x1, y1, x2, y2] = leader;
      shapes.push(s('line', { class: 'source-leader', x1, y1, x2, y2 }));
    }
    const { x, y, w, h } = box;
    shapes.push(
      s(
        'g',
        { class: 'source-label' },
        s('rect', { x, y, width: w, height: h, rx: 2 }),
        s('text', { x: x + 6, y: y + h / 2, dy: '0.36em', 'font-size': size }, words),
      ),
    );
    return { shapes, boxes: [box] };
  }
}
