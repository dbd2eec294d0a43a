// The alarms as a person should meet them: three lists, each unacknowledged first, then priority,
// then newest. Kept in order between looks, so that a change among thousands costs little.
import { type Alarm, isHeld, unacknowledged } from '../kit/wire.ts';

export const SHELVES = ['standing', 'held', 'predicted'] as const;
export type Shelf = (typeof SHELVES)[number];
/** Unacknowledged, and all. */
export type Count = [open: number, all: number];

/** Which list an alarm stands on. */
export function shelfOf(alarm: Alarm): Shelf {
  if (isHeld(alarm)) return 'held';
  return alarm.klass === 'predicted' ? 'predicted' : 'standing';
}

function rank(alarm: Alarm): number {
  return (unacknowledged(alarm) ? 0 : 10) + alarm.priority;
}

function before(a: Alarm, b: Alarm): number {
  return rank(a) - rank(b) || b.raised_ns - a.raised_ns || (a.condition < b.condition ? -1 : 1);
}

export class AlarmBook {
  readonly all = new Map<string, Alarm>();
  /** Unacknowledged and all of the standing ones, by priority 1-4 (index 0 is none's). */
  readonly byPriority: Count[] = [];
  private lists: Record<Shelf, Alarm[]> = { standing: [], held: [], predicted: [] };
  private order: string[] = [];
  private known = new Set<string>();
  private stale = true;

  /** Replace everything. */
  replace(alarms: Alarm[]): void {
    this.all.clear();
    for (const alarm of alarms) this.take(alarm);
    this.stale = true;
  }

  /** Take one alarm as it is now; a normal one is gone. */
  take(alarm: Alarm): void {
    if (alarm.state === 'normal') this.all.delete(alarm.condition);
    else this.all.set(alarm.condition, alarm);
    this.stale = true;
  }

  /** One of the three lists, in order. */
  list(shelf: Shelf): Alarm[] {
    this.sort();
    return this.lists[shelf];
  }

  /** Unacknowledged and all of a list. */
  count(shelf: Shelf): Count {
    const list = this.list(shelf);
    let open = 0;
    while (open < list.length && unacknowledged(list[open] as Alarm)) open += 1;
    return [open, list.length];
  }

  /** What stood in order stands nearly in order still: sorting that is quick. */
  private sort(): void {
    if (!this.stale) return;
    this.stale = false;
    const alarms: Alarm[] = [];
    for (const condition of this.order) {
      const alarm = this.all.get(condition);
      if (alarm) alarms.push(alarm);
    }
    if (alarms.length < this.all.size) {
      for (const alarm of this.all.values()) if (!this.known.has(alarm.condition)) alarms.push(alarm);
    }
    alarms.sort(before);
    this.order = alarms.map((alarm) => alarm.condition);
    this.known = new Set(this.order);
    this.lists = { standing: [], held: [], predicted: [] };
    for (let n = 0; n < 5; n += 1) this.byPriority[n] = [0, 0];
    for (const alarm of alarms) {
      const shelf = shelfOf(alarm);
      this.lists[shelf].push(alarm);
      const count = this.byPriority[shelf === 'standing' ? alarm.priority : 0];
      if (!count) continue;
      count[1] += 1;
      if (unacknowledged(alarm)) count[0] += 1;
    }
  }
}
