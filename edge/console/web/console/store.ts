// What the page knows: site, readings, alarms, estimate, who is logged in. It judges nothing.
import { blindTags } from '../kit/blind.ts';
import type { Tone } from '../kit/sound.ts';
import { setDigits } from '../kit/values.ts';
import {
  type Alarm,
  type Annunciation,
  type Calibration,
  type Call,
  type Estimate,
  type Evacuation,
  type JournalEvent,
  type Message,
  type Notice,
  type Row,
  type SiteInfo,
  type TagInfo,
  unacknowledged,
} from '../kit/wire.ts';
import { AlarmBook } from './book.ts';
import type { Me } from './http.ts';
import { AlarmRate } from './rate.ts';

const NOBODY: Me = { user: null, role: null, view: false, silence: false, act: false };

export class Store {
  readonly rows = new Map<string, Row>();
  readonly book = new AlarmBook();
  readonly calibrations = new Map<string, Calibration>();
  calls: Call[] = [];
  notices: Notice[] = [];
  annunciation: Annunciation = { test_due: false, untested: [], trouble: [] };
  readonly evacuations = new Map<string, Evacuation>();
  readonly rate = new AlarmRate();
  flood = false; // low priorities are held back
  chosen = ''; // the condition whose guidance is shown
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
        this.book.replace(message.alarms);
        this.rate.seed(message.alarms);
        fill(this.calibrations, message.calibrations, (spell) => spell.tag);
        this.calls = message.calls;
        this.notices = message.notices;
        this.annunciation = message.annunciation;
        fill(this.evacuations, message.evacuations, (one) => one.area);
        this.flood = message.flood;
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
        if (message.alarm) this.book.take(message.alarm);
        this.takeEvent(message.event);
        break;
      case 'calls':
        this.calls = message.calls;
        this.notices = message.notices;
        break;
      case 'annunciation':
        this.annunciation = message.annunciation;
        break;
      case 'hazard':
        this.estimate = message.estimate;
        break;
      case 'silenced':
        for (const alarm of this.book.all.values()) this.silenced.add(soundKey(alarm));
        break;
      default:
        break;
    }
  }

  private takeEvent(event: JournalEvent): void {
    const { kind, subject, params } = event;
    this.rate.take(event);
    switch (kind) {
      case 'calibration.begun':
        this.calibrations.set(subject, params as Calibration);
        break;
      case 'calibration.ended':
      case 'calibration.expired':
        this.calibrations.delete(subject);
        break;
      case 'evacuation.begun':
        this.evacuations.set((params as Evacuation).area, params as Evacuation);
        break;
      case 'evacuation.ended':
        this.evacuations.delete((params as Evacuation).area);
        break;
      case 'alarm.flood-began':
        this.flood = true;
        break;
      case 'alarm.flood-ended':
        this.flood = false;
        break;
      default:
        break;
    }
  }

  /** The detectors that watch nothing now; those that are calibrated first. */
  blind(): TagInfo[] {
    const calibrated = (tag: TagInfo): number => (this.calibrations.has(tag.tag) ? 0 : 1);
    return blindTags(this.site, this.rows).sort((a, b) => calibrated(a) - calibrated(b));
  }

  /** The alarm whose guidance is shown; null when none is, or it has cleared. */
  get chosenAlarm(): Alarm | null {
    return this.book.all.get(this.chosen) ?? null;
  }

  /** Whether somebody has stilled the tone of this raising of this alarm. */
  isSilenced(alarm: Alarm): boolean {
    return this.silenced.size > 0 && this.silenced.has(soundKey(alarm));
  }

  /** What must sound now: the worst alarm that is neither acknowledged nor silenced. */
  tone(): Tone {
    if (this.silenced.size) {
      const now = new Set([...this.book.all.values()].map(soundKey));
      for (const key of this.silenced) if (!now.has(key)) this.silenced.delete(key);
    }
    let priority = 9;
    let predicted = false;
    for (const alarm of this.book.all.values()) {
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

function fill<T>(map: Map<string, T>, items: T[], keyOf: (item: T) => string): void {
  map.clear();
  for (const item of items) map.set(keyOf(item), item);
}

/** One raising of one condition: a silence holds for it and for no later one. */
function soundKey(alarm: Alarm): string {
  return `${alarm.condition} ${alarm.raised_ns} ${alarm.count}`;
}
