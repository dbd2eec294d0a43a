// Which area is to be spoken: once when its tone begins, and once more from level 1 to level 2.
import { type Alarm, isHeld, unacknowledged } from '../kit/wire.ts';

export interface Spoken {
  area: string;
  level: number;
}

export class Incidents {
  private readonly said = new Map<string, number>(); // area -> the highest level that was spoken

  /** What is to be spoken now; `silenced` tells what somebody has stilled already. */
  next(alarms: Iterable<Alarm>, silenced: (alarm: Alarm) => boolean): Spoken[] {
    const standing = new Set<string>();
    const loud = new Map<string, number>();
    for (const alarm of alarms) {
      if (!alarm.level || !alarm.area || alarm.klass !== 'process' || isHeld(alarm)) continue;
      standing.add(alarm.area);
      if (!unacknowledged(alarm) || silenced(alarm)) continue;
      loud.set(alarm.area, Math.max(alarm.level, loud.get(alarm.area) ?? 0));
    }
    for (const area of this.said.keys()) if (!standing.has(area)) this.said.delete(area);
    const found: Spoken[] = [];
    for (const [area, level] of loud) {
      if (level <= (this.said.get(area) ?? 0)) continue;
      this.said.set(area, level);
      found.push({ area, level });
    }
    return found.sort((a, b) => b.level - a.level);
  }
}
