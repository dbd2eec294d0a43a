// Who was told of which alarms, in which role, and who has read it: one line, that opens on touch.
import { button, h, setClass, setText } from '../kit/dom.ts';
import { clockText } from '../kit/format.ts';
import type { Notice, Receipt } from '../kit/wire.ts';
import { currentLanguage, say, titled } from '../kit/words.ts';
import { personText } from './guidance.ts';
import { isOwn, mayRead, unread } from './receipts.ts';
import { conditionNames } from './row.ts';
import type { Store } from './store.ts';

const MOST_NAMED = 4;

export class NoticePanel {
  readonly element: HTMLElement;
  /** Whether all of it is shown, beside the alarm list and never over it. */
  open: boolean;
  private readonly store: Store;
  private readonly read: (notice: Notice) => void;
  private readonly words = h('span', { class: 'words' });
  private readonly own = h('b', { class: 'own' });
  private readonly line: HTMLButtonElement;
  private readonly list = h('div', { class: 'told' });
  private readonly sheet: HTMLElement;
  private shown = '';

  constructor(store: Store, read: (notice: Notice) => void, open = false) {
    this.store = store;
    this.read = read;
    this.open = open;
    this.line = button('', 'notice-line', () => this.turn(!this.open));
    this.line.append(h('span', { 'aria-hidden': 'true' }, '✉'), this.words, this.own);
    const close = button('✕', 'close', () => this.turn(false));
    close.setAttribute('aria-label', say('console.close'));
    this.sheet = h(
      'div',
      { class: 'notice-sheet' },
      h('div', { class: 'head' }, h('h2', {}, say('console.callout.notices')), close),
      this.list,
      h('p', { class: 'detail' }, say('console.callout.not-acknowledged')),
    );
    const label = say('console.callout.notices');
    this.element = h('section', { class: 'notices', 'aria-label': label, hidden: true }, this.line, this.sheet);
  }

  update(): void {
    const { notices, me } = this.store;
    this.element.hidden = notices.length === 0;
    this.sheet.hidden = !this.open;
    this.line.setAttribute('aria-expanded', String(this.open));
    const people = notices.flatMap((one) => one.people);
    const waiting = people.filter((one) => one.read_by === null).length;
    const state = waiting ? say('console.notice.unread', { unread: waiting }) : say('console.notice.all-read');
    setText(this.words, `${say('console.callout.notices')} ${notices.length} · ${state}`);
    setText(this.own, say('console.notice.yours'));
    this.own.hidden = !notices.some((one) => unread(this.store.site, one, me.user));
    setClass(this.line, 'notice-line', waiting > 0 && 'unread');
    const sign = `${JSON.stringify(notices)} ${me.user} ${currentLanguage()}`;
    if (!this.open || sign === this.shown) return;
    this.shown = sign;
    this.list.replaceChildren(...notices.map((one) => this.told(one)));
  }

  private turn(open: boolean): void {
    this.open = open;
    this.shown = ''; // an alarm's title may have come meanwhile
    this.update();
  }

  private told(notice: Notice): HTMLElement {
    const { store } = this;
    const source = store.site.major_hazards.find((one) => one.id === notice.hazard);
    const name = source ? titled(source.title) : notice.hazard || say('callout.role.shift');
    const level = source ? [h('small', {}, say(`callout.hazard.level.${source.level}`))] : [];
    const sent = say('console.notice.sent', { time: clockText(notice.sent_ns) });
    const more = notice.count > 1 ? [say('console.notice.more', { count: notice.count })] : [];
    const named = conditionNames(store, notice.alarms, MOST_NAMED);
    const alarms = notice.count ? [...named, ...more].join(' · ') : say('console.notice.over');
    const press = button(say('console.callout.read'), 'read', () => this.read(notice));
    press.hidden = !mayRead(store.site, notice, store.me.user);
    return h(
      'article',
      { 'data-notice': notice.notice },
      h('div', { class: 'title' }, h('div', {}, h('h3', {}, name), ...level, h('span', {}, sent)), press),
      h('p', { class: 'detail' }, alarms),
      h('ul', {}, ...notice.people.map((one) => this.person(one))),
    );
  }

  private person(receipt: Receipt): HTMLElement {
    const { store } = this;
    const { read_by, read_ns } = receipt;
    const known = read_by !== null && read_ns !== null;
    const state = known
      ? say('console.callout.read-by', { person: read_by, time: clockText(read_ns) })
      : say('console.callout.unread');
    const own = isOwn(store.site, receipt, store.me.user);
    return h(
      'li',
      { class: `${known ? 'read' : 'unread'}${own ? ' own' : ''}` },
      h('span', {}, say(`callout.role.${receipt.role}`)),
      h('span', {}, personText(store, receipt.person)),
      h('b', {}, state),
    );
  }
}
