// The alarm list: banner with counts, silence, three lists behind tabs, rows, pages.
import { button, h, setClass, setText } from '../kit/dom.ts';
import { glyph } from '../kit/glyph.ts';
import { PagedList } from '../kit/list.ts';
import { type Alarm, unacknowledged } from '../kit/wire.ts';
import { currentLanguage, say } from '../kit/words.ts';
import { type Count, type Shelf, SHELVES } from './book.ts';
import { blindText } from './calibrate.ts';
import { makeRow, type RowActions } from './row.ts';
import type { Store } from './store.ts';

export interface AlarmActions extends RowActions {
  acknowledge(conditions: string[]): void;
  silence(): void;
}

/** Unacknowledged of all; of very many the first number is what matters. */
function amounts([open, all]: Count): HTMLElement {
  return h('span', {}, h('b', {}, String(open)), all < 100 ? ` / ${all}` : '');
}

/** The right side of the page, from the counts down to the list's pages. */
export class AlarmPanel {
  readonly element: HTMLElement;
  private readonly store: Store;
  private readonly list: PagedList<Alarm>;
  private readonly counts = h('div', { class: 'counts' });
  private readonly empty = h('p', { class: 'empty' });
  private readonly rows = h('ol', { class: 'rows' });
  private readonly pager = h('div', { class: 'pager' });
  private readonly pageText = h('span', { class: 'page' });
  private readonly all: HTMLButtonElement;
  private readonly silence: HTMLButtonElement;
  private readonly tabs = new Map<Shelf, HTMLButtonElement>();
  private readonly warning = h('p', { class: 'warning', role: 'alert' });
  private readonly flood = h('p', { class: 'flood', role: 'alert', hidden: true });
  private readonly blind = h('p', { class: 'blind-line', role: 'status', hidden: true });
  private shelf: Shelf = 'standing';
  private shownCounts = '';

  constructor(store: Store, actions: AlarmActions) {
    this.store = store;
    this.list = new PagedList<Alarm>(
      this.rows,
      (alarm) => alarm.condition,
      (alarm) => makeRow(store, alarm, actions, () => this.list.settled(alarm.condition)),
      () => this.showPager(),
    );
    this.all = button(say('console.acknowledge-page'), 'all', () => {
      if (!this.list.allSettled) return;
      actions.acknowledge(this.list.visible.filter(unacknowledged).map((one) => one.condition));
    });
    this.silence = button(say('console.silence'), 'silence', () => actions.silence());
    const turn = (by: number): void => this.list.turn(this.list.current + by);
    this.pager.append(
      button(say('console.page-back'), '', () => turn(-1)),
      this.pageText,
      button(say('console.page-on'), '', () => turn(1)),
    );
    const tabs = h('div', { class: 'tabs', role: 'tablist' });
    for (const shelf of SHELVES) {
      const tab = button('', 'tab', () => this.open(shelf));
      tab.setAttribute('role', 'tab');
      tab.dataset['shelf'] = shelf;
      this.tabs.set(shelf, tab);
      tabs.append(tab);
    }
    this.element = h(
      'section',
      { class: 'alarms', 'aria-label': say('console.alarms') },
      h('div', { class: 'banner' }, this.counts, this.silence, this.all),
      this.warning,
      this.flood,
      this.blind,
      h('div', { class: 'tab-line' }, tabs, this.pager),
      h('div', { class: 'list' }, this.rows, this.empty),
    );
    new ResizeObserver(() => this.resize()).observe(this.rows);
  }

  /** Show another list. */
  open(shelf: Shelf): void {
    this.shelf = shelf;
    this.list.show(this.store.book.list(shelf));
    this.list.turn(0);
    this.showTabs();
    this.showEmpty();
  }

  private resize(): void {
    const row = this.rows.firstElementChild;
    const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize) || 16;
    this.list.resize(row?.clientHeight ? row.getBoundingClientRect().height : 3.75 * rem);
    if (this.store.chosen) this.list.reveal(this.store.chosen);
  }

  /** Show the alarms; `sounding` whether one of them asks for a sound. */
  update(sounding: boolean): void {
    const { store } = this;
    this.list.show(store.book.list(this.shelf));
    this.showCounts();
    this.showTabs();
    this.silence.classList.toggle('sounding', sounding);
    const past = store.core === 'down';
    this.warning.hidden = !past;
    setText(this.warning, past ? say('console.core-down-list') : '');
    this.flood.hidden = !store.flood;
    const [count] = store.rate.counts(store.at_ns);
    setText(this.flood, store.flood ? say('console.flood', { count }) : '');
    const blind = blindText(store);
    this.blind.hidden = !blind;
    setText(this.blind, blind);
    this.showEmpty();
    setClass(this.element, 'alarms', past && 'past');
  }

  private showEmpty(): void {
    const past = this.store.core === 'down';
    const words = past ? 'console.alarms-unknown' : `console.none.${this.shelf}`;
    setText(this.empty, this.store.book.list(this.shelf).length ? '' : say(words));
  }

  private showTabs(): void {
    for (const [shelf, tab] of this.tabs) {
      const [open, all] = this.store.book.count(shelf);
      const number = shelf === 'held' || !open ? String(all) : `${open} / ${all}`;
      setText(tab, `${say(`console.shelf.${shelf}`)} ${number}`);
      const here = shelf === this.shelf;
      setClass(tab, 'tab', here && 'here', open > 0 && 'open');
      tab.setAttribute('aria-selected', String(here));
    }
  }

  private showCounts(): void {
    const { book } = this.store;
    const predicted = book.count('predicted');
    const sign = JSON.stringify([book.byPriority, predicted, currentLanguage()]);
    if (sign === this.shownCounts) return;
    this.shownCounts = sign;
    const parts = [1, 2, 3, 4].map((priority) => {
      const count = book.byPriority[priority] ?? [0, 0];
      return h(
        'span',
        { class: `count${count[1] ? '' : ' none'}`, title: say('console.count.title') },
        glyph(priority, false),
        amounts(count),
        h('small', {}, say(`console.priority.${priority}`)),
      );
    });
    parts.push(
      h(
        'span',
        { class: `count predicted${predicted[1] ? '' : ' none'}` },
        glyph(2, true),
        amounts(predicted),
        h('small', {}, say('console.predicted')),
      ),
    );
    this.counts.replaceChildren(...parts);
  }

  private showPager(): void {
    const [page, pages] = [this.list.current + 1, this.list.pages];
    this.pager.hidden = pages < 2;
    setText(this.pageText, say('console.page', { page, pages }));
    this.all.disabled = !this.list.visible.some(unacknowledged);
  }
}
