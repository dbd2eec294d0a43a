// A paged list of rows that keep their elements: a row under a finger is never rebuilt, and one that
// has just moved does not take the press that was meant for its neighbour.

const SETTLE_MS = 400;

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
  private page = 0;
  private perPage = 8;
  private top = 0; // of the host [px], and when it last changed
  private movedAt = 0;
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
  }

  get pages(): number {
    return Math.max(1, Math.ceil(this.items.length / this.perPage));
  }

  get current(): number {
    return this.page;
  }

  /** The items that a person sees now. */
  get visible(): T[] {
    return this.items.slice(this.page * this.perPage, (this.page + 1) * this.perPage);
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

  /** Fit the number of rows to the host's height; `rowHeight` in pixels. */
  resize(rowHeight: number): void {
    const next = Math.max(1, Math.floor(this.host.clientHeight / rowHeight));
    if (next === this.perPage) return;
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

  private render(): void {
    this.page = Math.min(Math.max(0, this.page), this.pages - 1);
    const wanted = this.visible;
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
    this.onPage();
  }
}
