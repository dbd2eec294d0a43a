// What travels between console server and page (docs/wire.md §2). Times are UTC nanoseconds, which
// a JavaScript number rounds to about a quarter of a microsecond: good enough to show.

export type Language = 'zh-CN' | 'en';
export interface Title {
  zh: string;
  en: string;
}
export type World = 'live' | 'test' | 'drill' | 'replay';
/** 0 Good, 1 Uncertain, 2 Bad. */
export type Quality = 0 | 1 | 2;
export type Row = [
  tag: string,
  value: number | null,
  quality: Quality,
  reason: string,
  source_ns: number,
  receive_ns: number,
];

export interface TagInfo {
  tag: string;
  title: Title;
  device: string;
  ref: string;
  asset: string;
  area: string;
  space: string;
  substance: string;
  quantity: string;
  unit: string;
  range_low: number;
  range_high: number;
  period_s: number;
  cover_m: number | null; // of a detector: how far it covers
  gds_of: string; // the detector that a tag of its own controller (GDS) speaks of
  x_m: number;
  y_m: number;
  world: World;
  digits?: number; // decimals to show; set by the page
}
export interface Located {
  id: string;
  title: Title;
  kind: string;
  x_m: number;
  y_m: number;
}
export interface AssetInfo extends Located {
  area: string;
  holds: string;
}
export interface LimitInfo {
  id: string;
  tag: string;
  kind: string;
  limit: number | null;
  priority: number;
  level: number;
  klass: string;
  source: string;
  guidance: string;
  respond_s: number;
}
/** What an alarm means, and what to do. */
export interface Guidance {
  cause: Title;
  consequence: Title;
  actions: Title[];
  respond_s: number;
}
export const OWNER_ROLES = ['principal', 'technical', 'operational'] as const;
export interface MajorHazard {
  id: string;
  title: Title;
  level: number;
  assets: string[];
  areas: string[];
  owners: Record<(typeof OWNER_ROLES)[number], string>; // ids of people
}
export interface AnnunciatorInfo {
  id: string;
  areas: string[];
  outputs: { id: string; kind: string; tested: boolean }[]; // tested: in each shift
}
export interface Feature {
  id?: string | number;
  properties: { kind?: string; title?: Title; width_m?: number } | null;
  geometry: { type: string; coordinates: unknown };
}
export interface SiteInfo {
  suian: string;
  id: string;
  title: Title;
  world: World;
  gateway: string;
  hash: string;
  areas: { id: string; title: Title }[];
  assets: AssetInfo[];
  places: Located[];
  tags: TagInfo[];
  limits: LimitInfo[];
  guidance: Record<string, Guidance>;
  major_hazards: MajorHazard[];
  people: { id: string; title: Title; user: string }[];
  alarm_groups: { id: string; title: Title }[];
  suppressions: { id: string; title: Title }[];
  annunciators: AnnunciatorInfo[];
  substances: Record<string, { zh: string; en: string; formula: string }>;
  hazard: {
    device: string;
    stale_s: number;
    wind_speed_tag: string;
    wind_from_tag: string;
    temperature_tag: string;
  } | null;
  plan: { features: Feature[] };
}

export type AlarmState =
  | 'normal'
  | 'unack'
  | 'acked'
  | 'rtn-unack'
  | 'latched'
  | 'shelved'
  | 'suppressed'
  | 'out-of-service';
export interface Alarm {
  condition: string;
  tag: string;
  kind: string;
  klass: string;
  priority: number;
  level: number;
  area: string;
  state: AlarmState;
  active: boolean; // its condition is true, also while it is held
  latched: boolean;
  since_ns: number;
  raised_ns: number;
  acked_by: string | null;
  value: number | null;
  limit: number | null;
  unit: string;
  count: number;
  world: World;
  held_by: string; // a person, or what suppresses it; '' while it is not held
  held_reason: string;
  held_until_ns: number | null;
  permit: string;
  once: boolean;
  first_out: string; // the group in which it was the first to come
  guidance: string;
  respond_s: number;
}

/** The running call to the shift, because nobody has answered. */
export interface Call {
  call: string;
  step: 'contact' | 'called' | 'read';
  person: string; // '' while nobody was called yet
  round: number;
  alarms: string[];
  count: number;
  area: string;
  since_ns: number;
  called_ns: number | null;
  read_by: string | null;
  read_ns: number | null;
}
/** Who was told of alarms at once: the shift (no `hazard`), or a source's three owners. */
export interface Notice {
  notice: string;
  hazard: string;
  people: Receipt[];
  alarms: string[];
  count: number;
  area: string;
  sent_ns: number;
}
export interface Receipt {
  person: string;
  role: 'principal' | 'technical' | 'operational' | 'shift';
  read_by: string | null;
  read_ns: number | null;
}
/** Of lamps and horns: what this shift has still to test, and what makes a warning doubtful. */
export interface Annunciation {
  test_due: boolean;
  untested: string[];
  trouble: { reason: string; subject: string }[];
}
export interface Evacuation {
  area: string;
  actor: string;
  since_ns: number;
}
export type Ring = [number, number][];
export interface Zone {
  id: string;
  title: Title;
  value: number;
  unit: string;
  source: string;
  rings: Ring[];
  truncated?: boolean; // it goes on beyond the model's furthest point
}
export interface Candidate {
  asset: string;
  rate_kg_s: number;
  rate_lo_kg_s: number;
  rate_hi_kg_s: number;
  weight: number;
}
export interface Estimate {
  seq: number;
  id: string;
  at_ns: number;
  world: World;
  state: 'preparing' | 'idle' | 'insufficient' | 'no-wind' | 'estimate';
  substance: string | null;
  problem?: string; // a word id, "" where there is none
  wind: {
    speed_m_s: number | null;
    from_deg: number | null;
    temperature_c: number | null;
    stability?: string;
  } | null;
  evidence: { tag: string; value: number; unit: string }[];
  candidates: Candidate[];
  zones: Zone[];
  places: { place: string; value_ppm: number; zone: string | null }[];
  model: { name: string; version: string };
  compute_s: number;
}

export interface Hello {
  t: 'hello';
  v: number;
  suian: string;
  site: string;
  world: World;
  gateway: string;
  hash: string;
}
export interface Snapshot {
  t: 'snapshot';
  values: Row[];
  alarms: Alarm[];
  daemons: Record<string, string>;
  calibrations: Calibration[];
  calls: Call[];
  notices: Notice[];
  annunciation: Annunciation;
  evacuations: Evacuation[];
  flood: boolean;
  hazard: Estimate | null;
}
export interface Tick {
  t: 'tick';
  n: number;
  at_ns: number;
  values: Row[];
  core: 'up' | 'down';
  daemons: Record<string, string>;
  hazard: number | null;
}
/** A detector that a person has set aside for a while. */
export interface Calibration {
  tag: string;
  actor: string;
  permit: string;
  since_ns: number;
  until_ns: number;
}
export interface JournalEvent {
  seq: number | null;
  kind: string;
  subject: string;
  utc_ns: number;
  params: unknown;
}
export interface EventMessage {
  t: 'event';
  event: JournalEvent;
  alarm: Alarm | null;
}
export interface Silenced {
  t: 'silenced';
  at_ns: number;
  actor: string;
}
export type Message =
  | Hello
  | Snapshot
  | Tick
  | EventMessage
  | Silenced
  | { t: 'calls'; calls: Call[]; notices: Notice[] }
  | { t: 'annunciation'; annunciation: Annunciation }
  | { t: 'hazard'; estimate: Estimate };

/** Whether an alarm still waits for a person. */
export function unacknowledged(alarm: Alarm): boolean {
  const { state } = alarm;
  return state === 'unack' || state === 'rtn-unack' || (state === 'latched' && alarm.acked_by === null);
}

/** Whether an alarm is set aside: listed, and not announced. */
export function isHeld(alarm: Alarm): boolean {
  const { state } = alarm;
  return state === 'shelved' || state === 'suppressed' || state === 'out-of-service';
}

/** What the detectors' own controller (GDS) says, or where it says otherwise than we do. */
export const GDS_KINDS: ReadonlySet<string> = new Set(['gds1', 'gds2', 'gds-differs']);

/** The tag that an alarm is about: a detector, where its GDS speaks of it. */
export function subjectOf(alarm: Alarm): string {
  return GDS_KINDS.has(alarm.kind) ? (alarm.condition.split('/')[0] ?? alarm.tag) : alarm.tag;
}
