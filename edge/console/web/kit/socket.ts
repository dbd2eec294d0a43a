// The live connection: it connects again by itself, and it knows when what is shown is past.
import type { Message } from './wire.ts';

export const TICK_S = 0.5;
const STALE_MS = 3 * TICK_S * 1000; // three ticks missed
const SILENT_MS = 6000; // a connection that says nothing this long is given up
const CONNECT_MS = 5000;
const RETRY_MS = [300, 600, 1000, 2000];
const WATCH_MS = 100;
const LOGIN_NEEDED = 4401;

export interface LiveHandlers {
  message(message: Message): void;
  /** Called at each watch: whether the page is stale, and for how long [s]. */
  age(stale: boolean, seconds: number): void;
  loginNeeded(): void;
}

/** One WebSocket at a time, and the watch over its ticks. */
export class Live {
  private socket: WebSocket | null = null;
  private tries = 0;
  private lastTick = performance.now();
  private lastSign = performance.now();
  private stopped = false;
  private readonly url: string;
  private readonly handlers: LiveHandlers;

  constructor(url: string, handlers: LiveHandlers) {
    this.url = url;
    this.handlers = handlers;
    setInterval(() => this.watch(), WATCH_MS);
  }

  /** Connect, dropping what connection there is. */
  connect(): void {
    this.stopped = false;
    this.drop();
    const socket = new WebSocket(this.url);
    this.socket = socket;
    this.lastSign = performance.now();
    socket.onmessage = (event) => {
      this.lastSign = performance.now();
      const message = JSON.parse(String(event.data)) as Message;
      if (message.t === 'tick') {
        this.lastTick = this.lastSign;
        this.tries = 0;
      }
      this.handlers.message(message);
    };
    socket.onclose = (event) => {
      if (this.socket !== socket) return;
      this.socket = null;
      if (event.code === LOGIN_NEEDED) {
        this.stopped = true;
        this.handlers.loginNeeded();
        return;
      }
      const wait = RETRY_MS[Math.min(this.tries, RETRY_MS.length - 1)] ?? 2000;
      this.tries += 1;
      setTimeout(() => this.socket === null && !this.stopped && this.connect(), wait);
    };
  }

  private drop(): void {
    const old = this.socket;
    this.socket = null;
    old?.close();
  }

  private watch(): void {
    const now = performance.now();
    const age = now - this.lastTick;
    this.handlers.age(age > STALE_MS, age / 1000);
    const patience = this.socket?.readyState === WebSocket.CONNECTING ? CONNECT_MS : SILENT_MS;
    if (this.socket && now - this.lastSign > patience) this.connect();
  }
}
