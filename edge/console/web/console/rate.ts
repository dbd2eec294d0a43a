// How many alarms came in the last ten minutes and hour: what one person can take in is about one
// in ten minutes, and more than ten is a flood (EEMUA 191, ISA-18.2).
import { type Alarm, isHeld, type JournalEvent } from '../kit/wire.ts';

const MINUTE_NS = 60e9;
export const SHORT_NS = 10 * MINUTE_NS;
export const LONG_NS = 60 * MINUTE_NS;
export const BUSY = 2; // in ten minutes: more than a person can manage for long
export const FLOOD = 10;

export type Load = 'calm' | 'busy' | 'flood';

export class AlarmRate {
  private standing: number[] = []; // of what stood when this page began to listen [UTC ns]
  private told: number[] = []; // of what the journal says was raised before that
  private stamps: number[] = []; // and since, in the order of time
  private seeded = false;
  whole = false; // whether the journal's last hour has been read

  /** Take an event as it comes. */
  take(event: JournalEvent): void {
    if (event.kind === 'alarm.raised') this.stamps.push(event.utc_ns);
  }

  /** Take what stands when the page begins to listen: at least these were raised. */
  seed(alarms: Iterable<Alarm>): void {
    if (this.seeded) return; // after that its own count is better
    this.seeded = true;
    this.standing = [...alarms].filter((one) => !isHeld(one)).map((one) => one.raised_ns);
    this.standing.sort((a, b) => a - b);
  }

  /** Take what the journal holds of the time before, newest first. */
  fill(events: JournalEvent[]): void {
    const since = this.stamps[0] ?? Infinity;
    const raised = events.filter((one) => one.kind === 'alarm.raised' && one.utc_ns < since);
    this.told = raised.map((one) => one.utc_ns).reverse();
    this.whole = true;
  }

  /** Alarms within ten minutes and an hour before `now_ns`. */
  counts(now_ns: number): [short: number, long: number] {
    for (const stamps of [this.standing, this.told, this.stamps]) drop(stamps, now_ns - LONG_NS);
    // What stands was raised, even if the journal does not say so (yet).
    const before = this.told.length >= this.standing.length ? this.told : this.standing;
    const all = [...before, ...this.stamps];
    let first = all.length;
    while (first > 0 && (all[first - 1] as number) > now_ns - SHORT_NS) first -= 1;
    return [all.length - first, all.length];
  }
}

/** Forget what is older than `before_ns`. */
function drop(stamps: number[], before_ns: number): void {
  let old = 0;
  while (old < stamps.length && (stamps[old] as number) <= before_ns) old += 1;
  if (old) stamps.splice(0, old);
}

/** What a number of alarms in ten minutes means to the person who meets them. */
export function load(inTenMinutes: number, flood: boolean): Load {
  if (flood || inTenMinutes > FLOOD) return 'flood';
  return inTenMinutes > BUSY ? 'busy' : 'calm';
}
