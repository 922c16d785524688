/** How far wall clock and running time may drift apart before someone must have set the clock. */
const JUMP_MS = 30_000;

export interface Ticks {
  /** The device's clock, in milliseconds since 1970. */
  wall(): number;
  /** Time that only ever runs forward, whatever happens to the clock. */
  running(): number;
}

export const browserTicks: Ticks = { wall: () => Date.now(), running: () => performance.now() };

/** The device's clock and how far it is off, as measured at the last contact with the server. */
export class Clock {
  private measured: { offsetMs: number; wall: number; running: number } | null = null;

  constructor(private readonly ticks: Ticks = browserTicks) {}

  now(): number {
    return this.ticks.wall();
  }

  running(): number {
    return this.ticks.running();
  }

  /** Notes the server's time; half of the way there and back is taken as the way here. */
  measure(serverTime: number, startedRunning: number): void {
    const running = this.ticks.running();
    const wall = this.ticks.wall();
    const offsetMs = Math.round(serverTime + (running - startedRunning) / 2 - wall);
    this.measured = { offsetMs, wall, running };
  }

  /** Server's clock minus ours; null while unknown, or once the clock was set since it was measured. */
  offset(): number | null {
    if (!this.measured) return null;
    const drift = this.ticks.wall() - this.measured.wall - (this.ticks.running() - this.measured.running);
    return Math.abs(drift) > JUMP_MS ? null : this.measured.offsetMs;
  }

  /** The server's clock now, as far as known. */
  serverNow(): number {
    return this.ticks.wall() + (this.offset() ?? 0);
  }

  /** What corrects an earlier reading of the device's clock; one that was ahead of itself then becomes now. */
  offsetOf(deviceAt: number): number {
    return Math.min(this.offset() ?? 0, this.serverNow() - deviceAt);
  }
}
