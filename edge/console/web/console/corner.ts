// The small corner that says how hard the alarms press: per ten minutes, per hour, in a word.
import { h, setClass, setText } from '../kit/dom.ts';
import { say } from '../kit/words.ts';
import { load } from './rate.ts';
import type { Store } from './store.ts';

export class RateCorner {
  readonly element: HTMLElement;
  private readonly store: Store;
  private readonly short = h('b', {});
  private readonly long = h('b', {});
  private readonly word = h('span', { class: 'load' });

  constructor(store: Store) {
    this.store = store;
    this.element = h(
      'div',
      { class: 'corner', title: say('console.rate.title') },
      h('span', {}, say('console.rate.short'), this.short),
      h('span', {}, say('console.rate.long'), this.long),
      this.word,
    );
  }

  update(): void {
    const { store } = this;
    const [short, long] = store.rate.counts(store.at_ns);
    const some = store.rate.whole ? '' : '≥'; // the journal has not been read: there may be more
    setText(this.short, `${some}${short}`);
    setText(this.long, `${some}${long}`);
    const word = load(short, store.flood);
    setText(this.word, say(`console.rate.${word}`));
    setClass(this.word, 'load', word);
  }
}
