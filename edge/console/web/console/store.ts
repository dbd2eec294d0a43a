// What the page knows: site, readings, alarms, estimate, who is logged in. It judges nothing.
import { blindTags } from '../kit/blind.ts';
import type { Tone } from '../kit/sound.ts';
import { setDigits } from '../kit/values.ts';
import {
  type Alarm,
  type Calibration,
  type Estimate,
  type Message,
  type Row,
  type SiteInfo,
  type TagInfo,
  unacknowledged,
} from '../kit/wire.ts';
import type { Me } from './http.ts';

const NOBODY: Me = { user: null, role: null, view: false, silence: false, act: false };

export class Store {
  readonly rows = new Map<string, Row>();
  readonly alarms = new Map<string, Alarm>();
  readonly calibrations = new Map<string, Calibration>();
  readonly tags: Map<string, TagInfo>;
  readonly site: SiteInfo;
  daemons: Record<string, string> = {};
  estimate: Estimate | null = null;
  core: 'up' | 'down' = 'down';
  heard = false; // whether a snapshot has come since the page was opened
  at_ns = 0;
  me: Me = NOBODY;
  stale = false;
  staleFor_s = 0;
  private readonly silenced = new Set<string>();

  constructor(site: SiteInfo) {
    this.site = site;
    setDigits(site);
    this.tags = new Map(site.tags.map((tag) => [tag.tag, tag]));
  }

  /** Take one message from the server. */
  take(message: Message): void {
    switch (message.t) {
      case 'snapshot':
        this.rows.clear();
        for (const row of message.values) this.rows.set(row[0], row);
        this.alarms.clear();
        for (const alarm of message.alarms) this.keep(alarm);
        this.calibrations.clear();
        for (const spell of message.calibrations) this.calibrations.set(spell.tag, spell);
        this.daemons = message.daemons;
        this.estimate = message.hazard;
        this.heard = true;
        break;
      case 'tick':
        for (const row of message.values) this.rows.set(row[0], row);
        this.at_ns = message.at_ns;
        this.core = message.core;
        this.daemons = message.daemons;
        break;
      case 'event':
        if (message.alarm) this.keep(message.alarm);
        this.takeCalibration(message.event);
        break;
      case 'hazard':
        this.estimate = message.estimate;
        break;
      case 'silenced':
        for (const alarm of this.alarms.values()) this.silenced.add(soundKey(alarm));
        break;
      default:
        break;
    }
  }

  private keep(alarm: Alarm): void {
    if (alarm.state === 'normal') this.alarms.delete(alarm.condition);
    else this.alarms.set(alarm.condition, alarm);
  }

  private takeCalibration(event: { kind: string; subject: string; params: unknown }): void {
    if (event.kind === 'calibration.begun') {
      this.calibrations.set(event.subject, event.params as Calibration);
    } else if (event.kind === 'calibration.ended' || event.kind === 'calibration.expired') {
      this.calibrations.delete(event.subject);
    }
  }

  /** The detectors that watch nothing now; those that are calibrated first. */
  blind(): TagInfo[] {
    const calibrated = (tag: TagInfo): number => (this.calibrations.has(tag.tag) ? 0 : 1);
    return blindTags(this.site, this.rows).sort((a, b) => calibrated(a) - calibrated(b));
  }

  /** Alarms as a person should meet them: unacknowledged first, then priority, then newest. */
  sorted(): Alarm[] {
    const rank = (alarm: Alarm): number => (unacknowledged(alarm) ? 0 : 10) + alarm.priority;
    return [...this.alarms.values()].sort(
      (a, b) =>
        rank(a) - rank(b) || b.raised_ns - a.raised_ns || (a.condition < b.condition ? -1 : 1),
    );
  }

  /** What must sound now: the worst alarm that is neither acknowledged nor silenced. */
  tone(): Tone {
    if (this.silenced.size) {
      const now = new Set([...this.alarms.values()].map(soundKey));
      for (const key of this.silenced) if (!now.has(key)) this.silenced.delete(key);
    }
    let priority = 9;
    let predicted = false;
    for (const alarm of this.alarms.values()) {
      if (!unacknowledged(alarm) || this.silenced.has(soundKey(alarm))) continue;
      if (alarm.klass === 'predicted') predicted = true;
      else priority = Math.min(priority, alarm.priority);
    }
    if (priority <= 3) return `p${priority as 1 | 2 | 3}`;
    return predicted ? 'predicted' : null;
  }

  /** Whether the estimate is too old to be shown as the present. */
  get estimatePast(): boolean {
    const stale_s = this.site.hazard?.stale_s ?? 30;
    if (this.estimate?.state !== 'estimate') return false;
    return this.core === 'down' || this.at_ns - this.estimate.at_ns > stale_s * 1e9;
  }
}

/** One raising of one condition: a silence holds for it and for no later one. */
function soundKey(alarm: Alarm): string {
  return `${alarm.condition} ${alarm.raised_ns} ${alarm.count}`;
}
