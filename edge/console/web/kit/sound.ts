// The page's own alarm sound. A browser plays nothing before a person has touched the page (a kiosk
// is started with --autoplay-policy=no-user-gesture-required), so `locked` must be shown.

export type Tone = 'p1' | 'p2' | 'p3' | 'predicted' | null;

interface Note {
  at: number; // [s] from the pattern's start
  for: number; // [s]
  hz: number;
  slideTo?: number;
}
interface Pattern {
  every: number; // [s]
  wave: OscillatorType;
  notes: Note[];
}
const beeps = (hz: number, count: number, each: number): Note[] =>
  Array.from({ length: count }, (_, n) => ({ at: n * each * 1.7, for: each, hz }));

const PATTERNS: Record<Exclude<Tone, null>, Pattern> = {
  p1: { every: 1.6, wave: 'square', notes: beeps(960, 4, 0.16) },
  p2: { every: 2.4, wave: 'square', notes: beeps(760, 2, 0.22) },
  p3: { every: 5, wave: 'triangle', notes: beeps(600, 1, 0.3) },
  // A slow soft glide: nobody takes it for a detector.
  predicted: {
    every: 4,
    wave: 'sine',
    notes: [
      { at: 0, for: 0.9, hz: 392, slideTo: 523 },
      { at: 1, for: 0.9, hz: 523, slideTo: 392 },
    ],
  },
};
const LOUDNESS = 0.16;

/** Repeats the pattern of the worst unacknowledged alarm until it is told to stop. */
export class Siren {
  private readonly context: AudioContext | null;
  private tone: Tone = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private quietUntil = 0; // [s] of the context: words are heard without a tone over them

  constructor(onChange: () => void) {
    this.context = typeof AudioContext === 'undefined' ? null : new AudioContext();
    this.context?.addEventListener('statechange', onChange);
    const unlock = (): void => void this.unlock();
    document.addEventListener('pointerdown', unlock);
    document.addEventListener('keydown', unlock);
  }

  /** Whether the browser still refuses to play. */
  get locked(): boolean {
    return this.context?.state !== 'running';
  }

  /** Ask for sound; to be called from a person's touch. */
  async unlock(): Promise<void> {
    if (this.context?.state === 'suspended') await this.context.resume();
  }

  /** A sound file as it can be played; null where it is none. */
  async decode(file: ArrayBuffer): Promise<AudioBuffer | null> {
    return (await this.context?.decodeAudioData(file).catch(() => null)) ?? null;
  }

  /** Play words once, after those that are being spoken; the tones wait meanwhile. */
  speak(words: AudioBuffer): void {
    const context = this.context;
    if (!context || context.state !== 'running') return;
    const start = Math.max(context.currentTime + 0.1, this.quietUntil);
    this.quietUntil = start + words.duration + 0.3;
    const source = new AudioBufferSourceNode(context, { buffer: words });
    source.connect(context.destination);
    source.start(start);
  }

  /** Sound this from now on; null is silence. */
  set(tone: Tone): void {
    if (tone === this.tone) return;
    this.tone = tone;
    clearTimeout(this.timer);
    if (tone) this.repeat();
  }

  private repeat(): void {
    if (!this.tone) return;
    const pattern = PATTERNS[this.tone];
    this.play(pattern);
    this.timer = setTimeout(() => this.repeat(), pattern.every * 1000);
  }

  private play(pattern: Pattern): void {
    const context = this.context;
    if (!context || context.state !== 'running' || context.currentTime < this.quietUntil) return;
    for (const note of pattern.notes) {
      const start = context.currentTime + note.at;
      const end = start + note.for;
      const oscillator = new OscillatorNode(context, { type: pattern.wave, frequency: note.hz });
      if (note.slideTo) oscillator.frequency.linearRampToValueAtTime(note.slideTo, end);
      const gain = new GainNode(context, { gain: 0 });
      gain.gain.setValueAtTime(0, start);
      gain.gain.linearRampToValueAtTime(LOUDNESS, start + 0.015);
      gain.gain.setValueAtTime(LOUDNESS, end - 0.03);
      gain.gain.linearRampToValueAtTime(0, end);
      oscillator.connect(gain).connect(context.destination);
      oscillator.start(start);
      oscillator.stop(end);
    }
  }
}
