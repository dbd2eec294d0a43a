// The hazard estimate in words: what leaks, how much, how sure, how old, and who is inside.
import { gasName } from '../kit/cards.ts';
import { h, setText } from '../kit/dom.ts';
import { clockText, duration, significant } from '../kit/format.ts';
import { reach, zoneName, zoneText } from '../kit/plume.ts';
import { windText } from '../kit/values.ts';
import type { Estimate } from '../kit/wire.ts';
import { currentLanguage, say, titled } from '../kit/words.ts';
import type { Store } from './store.ts';

export class EstimatePanel {
  readonly element: HTMLElement;
  private readonly store: Store;
  private readonly state = h('span', { class: 'state' });
  private readonly age = h('span', { class: 'age' });
  private readonly body = h('div', { class: 'body' });
  private shown = '';

  constructor(store: Store) {
    this.store = store;
    this.element = h(
      'section',
      { class: 'estimate', 'aria-label': say('console.estimate') },
      h('h2', {}, say('console.estimate'), this.state, this.age),
      this.body,
    );
  }

  update(): void {
    const { store } = this;
    const { estimate } = store;
    const past = store.estimatePast;
    setText(this.state, this.stateText(past));
    this.element.classList.toggle('past', past);
    const age_s = estimate ? (store.at_ns - estimate.at_ns) / 1e9 : 0;
    setText(
      this.age,
      estimate && estimate.state === 'estimate'
        ? say('console.estimate.age', { time: clockText(estimate.at_ns), age: duration(age_s) })
        : '',
    );
    const sign = `${estimate?.seq} ${estimate?.id} ${currentLanguage()}`;
    if (sign === this.shown) return;
    this.shown = sign;
    this.body.replaceChildren(...(estimate?.state === 'estimate' ? this.detail(estimate) : []));
  }

  private stateText(past: boolean): string {
    const { estimate, daemons } = this.store;
    const daemon = daemons['hazard'];
    if (daemon === 'preparing') return say('console.daemon.preparing');
    if (past) return say('console.estimate.past');
    if (!estimate) return say(daemon === 'running' ? 'console.estimate.idle' : 'console.daemon.none');
    if (daemon !== 'running') return say('console.daemon.none');
    const words = say(`console.estimate.${estimate.state}`);
    return estimate.problem ? `${words}：${say(estimate.problem)}` : words;
  }

  private detail(estimate: Estimate): HTMLElement[] {
    const { site } = this.store;
    const best = estimate.candidates[0];
    const asset = site.assets.find((one) => one.id === best?.asset);
    const facts = h('dl', {});
    const fact = (name: string, ...value: (Node | string)[]): void => {
      facts.append(h('dt', {}, say(name)), h('dd', {}, ...value));
    };
    if (best) {
      const gas = estimate.substance ? gasName(site, { substance: estimate.substance }) : '';
      fact(
        'console.estimate.source',
        h('b', {}, asset ? titled(asset.title) : best.asset),
        ` ${best.asset} · ${gas} · ${say('console.estimate.weight', { percent: Math.round(best.weight * 100) })}`,
      );
      const [rate, low, high] = [best.rate_kg_s, best.rate_lo_kg_s, best.rate_hi_kg_s].map((one) =>
        significant(one, 2),
      );
      fact('console.estimate.rate', h('b', {}, `${rate} kg/s`), ` (${low} – ${high})`);
    }
    const { speed_m_s, from_deg, stability } = estimate.wind ?? {};
    if (typeof speed_m_s === 'number' && typeof from_deg === 'number') {
      const from = say('console.estimate.wind-from', { from: windText(from_deg) });
      const air = stability ? ` · ${say('console.estimate.stability', { stability })}` : '';
      fact('console.estimate.wind', `${from} · ${speed_m_s.toFixed(1)} m/s${air}`);
    }
    fact(
      'console.estimate.model',
      `${estimate.model.name} ${estimate.model.version} · ${significant(estimate.compute_s, 2)} s`,
    );
    return [facts, this.zones(estimate, asset), this.places(estimate)];
  }

  private zones(estimate: Estimate, asset: { x_m: number; y_m: number } | undefined): HTMLElement {
    const list = h('ul', { class: 'zones' });
    for (const zone of [...estimate.zones].reverse()) {
      const far = asset ? reach(zone, asset.x_m, asset.y_m) : 0;
      const metres = `${zone.truncated ? '>' : ''}${Math.round(far / 10) * 10}`;
      const text = far ? say('console.estimate.reach', { metres }) : say('console.estimate.nowhere');
      const title = titled(zone.title);
      list.append(h('li', { title }, h('b', {}, zoneText(zone)), ` ${text}`));
    }
    return list;
  }

  private places(estimate: Estimate): HTMLElement {
    const list = h('ul', { class: 'places' });
    for (const one of estimate.places) {
      const place = this.store.site.places.find((known) => known.id === one.place);
      if (!place) continue;
      const zone = estimate.zones.find((known) => known.id === one.zone);
      const where = zone
        ? say('console.estimate.inside', { zone: zoneName(zone) })
        : say('console.estimate.below');
      list.append(
        h(
          'li',
          { class: zone ? 'inside' : '' },
          h('span', {}, titled(place.title)),
          h('span', { class: 'number' }, `${significant(one.value_ppm, 2)} ppm`),
          h('span', {}, where),
        ),
      );
    }
    return list;
  }
}
