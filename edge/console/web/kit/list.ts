// A paged list of rows that keep their elements: only the rows that are seen exist, however long the
// list; a row under a finger is never moved or rebuilt, and one that has just moved does not take the
// press that was meant for its neighbour.

const SETTLE_MS = 400;
const CLICK_MS = 60; // after a finger has gone up its click is still to come
const LONGEST_HOLD_MS = 5000; // a finger that never goes up again holds nothing for ever

export interface RowView<T> {
  element: HTMLElement;
  update(item: T): void;
}
interface Kept<T> {
  view: RowView<T>;
  slot: number;
  movedAt: number;
}

/** Shows one page of items in `host`; as many as fit its height. */
export class PagedList<T> {
  private readonly kept = new Map<string, Kept<T>>();
  private items: T[] = [];
  private seen: T[] = []; // what stands on the screen
  private page = 0;
  private perPage = 8;
  private top = 0; // of the host [px], and when it last changed
  private movedAt = 0;
  private touched: ReturnType<typeof setTimeout> | undefined;
  private readonly host: HTMLElement;
  private readonly keyOf: (item: T) => string;
  private readonly make: (item: T) => RowView<T>;
  private readonly onPage: () => void;

  constructor(
    host: HTMLElement,
    keyOf: (item: T) => string,
    make: (item: T) => RowView<T>,
    onPage: () => void,
  ) {
    this.host = host;
    this.keyOf = keyOf;
    this.make = make;
    this.onPage = onPage;
    host.addEventListener('pointerdown', () => {
      this.letGoIn(LONGEST_HOLD_MS);
      const up = (): void => {
        removeEventListener('pointerup', up);
        removeEventListener('pointercancel', up);
        this.letGoIn(CLICK_MS);
      };
      addEventListener('pointerup', up);
      addEventListener('pointercancel', up);
    });
  }

  get pages(): number {
    return Math.max(1, Math.ceil(this.items.length / this.perPage));
  }

  get current(): number {
    return this.page;
  }

  /** The items that a person sees now. */
  get visible(): T[] {
    return this.seen;
  }

  /** Show these items, in this order. */
  show(items: T[]): void {
    this.items = items;
    this.render();
  }

  /** Turn to a page; the nearest there is. */
  turn(page: number): void {
    this.page = page;
    this.render();
  }

  /** Turn to the page that an item stands on. */
  reveal(key: string): void {
    const index = this.items.findIndex((item) => this.keyOf(item) === key);
    if (index >= 0) this.turn(Math.floor(index / this.perPage));
  }

  /** Fit the number of rows to the host's height; `rowHeight` in pixels. */
  resize(rowHeight: number): void {
    const next = Math.max(1, Math.floor(this.host.clientHeight / rowHeight));
    if (next === this.perPage) return;
    this.page = Math.floor((this.page * this.perPage) / next); // what stood first is still there
    this.perPage = next;
    this.render();
  }

  /** Whether a press on this row can be meant for it: it has stood still long enough. */
  settled(key: string): boolean {
    const kept = this.kept.get(key);
    const moved = Math.max(this.movedAt, kept?.movedAt ?? 0);
    return kept !== undefined && performance.now() - moved > SETTLE_MS;
  }

  /** Whether the whole page has stood still long enough. */
  get allSettled(): boolean {
    return this.visible.every((item) => this.settled(this.keyOf(item)));
  }

  private letGoIn(ms: number): void {
    clearTimeout(this.touched);
    this.touched = setTimeout(() => {
      this.touched = undefined;
      this.render();
    }, ms);
  }

  private render(): void {
    this.page = Math.min(Math.max(0, this.page), this.pages - 1);
    if (this.touched === undefined) this.place();
    else this.updateInPlace();
    this.onPage();
  }

  /** While a finger rests on the list its rows say what is new and stay where they are. */
  private updateInPlace(): void {
    for (const item of this.items) this.kept.get(this.keyOf(item))?.view.update(item);
  }

  private place(): void {
    const wanted = this.items.slice(this.page * this.perPage, (this.page + 1) * this.perPage);
    this.seen = wanted;
    const keys = new Set(wanted.map(this.keyOf));
    for (const [key, kept] of this.kept) {
      if (keys.has(key)) continue;
      kept.view.element.remove();
      this.kept.delete(key);
    }
    const now = performance.now();
    const { top } = this.host.getBoundingClientRect();
    if (top !== this.top) [this.top, this.movedAt] = [top, now];
    wanted.forEach((item, slot) => {
      const key = this.keyOf(item);
      let kept = this.kept.get(key);
      if (!kept) {
        kept = { view: this.make(item), slot, movedAt: now };
        this.kept.set(key, kept);
      }
      if (kept.slot !== slot) [kept.slot, kept.movedAt] = [slot, now];
      kept.view.update(item);
      const { element } = kept.view;
      if (this.host.children[slot] !== element) {
        this.host.insertBefore(element, this.host.children[slot] ?? null);
      }
    });
  }
}
