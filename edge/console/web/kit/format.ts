// Numbers, units, times and directions as a person reads them. No words of the catalogue here.

const UNITS: Record<string, string> = { degC: '°C', deg: '°', bool: '', count: '' };

/** A unit as it is written on a screen. */
export function unitText(unit: string): string {
  return UNITS[unit] ?? unit;
}

/** Decimals that suit a range: steps of about a thousandth of it. */
export function decimals(rangeHigh: number): number {
  if (!(rangeHigh > 0)) return 2;
  return Math.min(3, Math.max(0, 3 - Math.ceil(Math.log10(rangeHigh) - 1e-9)));
}

/** Decimals of a tag: what suits its range, and enough to see a change near its lowest set-point. */
export function decimalsFor(rangeHigh: number, limits: readonly number[]): number {
  const sizes = limits.map(Math.abs).filter((size) => size > 0);
  const step = sizes.length ? Math.min(...sizes) / 20 : 1;
  const near = Math.min(3, Math.max(0, Math.ceil(-Math.log10(step) - 1e-9)));
  return Math.max(decimals(rangeHigh), near);
}

/** A value with three significant digits and no exponent, for what spans many decades. */
export function significant(value: number, digits = 3): string {
  if (value === 0 || !Number.isFinite(value)) return String(value);
  const size = Math.floor(Math.log10(Math.abs(value)));
  if (size < -4) return '<0.0001';
  return value.toFixed(Math.min(6, Math.max(0, digits - 1 - size)));
}

/** A threshold as it was written: no digits that nobody gave. */
export function plain(value: number): string {
  return String(Number(value.toPrecision(6)));
}

/** A formula with its small digits: Cl2 -> Cl₂. */
export function formula(text: string): string {
  return text.replace(/\d/g, (digit) => String.fromCharCode(0x2080 + Number(digit)));
}

/** Seconds as mm:ss, or h:mm:ss from an hour on. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (n: number): string => String(n).padStart(2, '0');
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const rest = `${two(minutes)}:${two(whole % 60)}`;
  return hours ? `${hours}:${rest}` : rest;
}

// Every site of ours keeps Beijing time, whatever the kiosk's own clock is set to.
const ZONE = 'Asia/Shanghai';
const clock = new Intl.DateTimeFormat('en-GB', {
  timeZone: ZONE,
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});
const day = new Intl.DateTimeFormat('en-CA', { timeZone: ZONE });

/** hh:mm:ss of a UTC stamp [ns]. */
export function clockText(ns: number): string {
  return clock.format(new Date(ns / 1e6));
}

/** yyyy-mm-dd of a UTC stamp [ns]. */
export function dayText(ns: number): string {
  return day.format(new Date(ns / 1e6));
}

/** Which of the eight winds a direction [deg] is: 0 north, 1 north-east, … 7 north-west. */
export function octant(degrees: number): number {
  return Math.round((((degrees % 360) + 360) % 360) / 45) % 8;
}
