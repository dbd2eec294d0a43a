// The time that people have to respond to an alarm, counted from when it was raised.
import { duration } from '../kit/format.ts';
import type { Alarm } from '../kit/wire.ts';

export interface Respond {
  state: 'none' | 'left' | 'over';
  clock: string; // what is left, or how long it has been over
  share: number; // of the time that is used up, 0 to 1
}

/** How an alarm stands in its time at `now_ns`; none where it has no time, or is over. */
export function respond(alarm: Alarm, respond_s: number, now_ns: number): Respond {
  const runs = alarm.active && respond_s > 0;
  if (!runs) return { state: 'none', clock: '', share: 0 };
  const used_s = Math.max(0, (now_ns - alarm.raised_ns) / 1e9);
  const left_s = respond_s - used_s;
  if (left_s > 0) return { state: 'left', clock: duration(Math.ceil(left_s)), share: used_s / respond_s };
  return { state: 'over', clock: duration(-left_s), share: 1 };
}
