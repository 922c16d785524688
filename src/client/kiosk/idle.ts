/** How long the countdown is seen before the screen goes back to rest. */
const COUNTDOWN_SECONDS = 10;

/** Notices that nobody is there any more: warns with a countdown, then says so. Any tap or key starts over. */
export class IdleWatch {
  private timer = 0;
  private left = 0;

  constructor(
    private readonly page: Document,
    private readonly idleSeconds: number,
    private readonly gone: () => void,
  ) {
    for (const event of ['pointerdown', 'keydown', 'input', 'scroll']) {
      page.addEventListener(event, () => this.restart(), { passive: true, capture: true });
    }
  }

  /** Watches from now on, until `stop`. */
  start(): void {
    this.stop();
    this.timer = setTimeout(() => this.countDown(COUNTDOWN_SECONDS), this.idleSeconds * 1000);
  }

  stop(): void {
    clearTimeout(this.timer);
    this.timer = 0;
    this.show(0);
  }

  private restart(): void {
    if (this.timer !== 0) this.start();
  }

  private countDown(seconds: number): void {
    if (seconds === 0) {
      this.stop();
      this.gone();
      return;
    }
    this.show(seconds);
    this.timer = setTimeout(() => this.countDown(seconds - 1), 1000);
  }

  private show(seconds: number): void {
    if (seconds === this.left) return;
    const note = this.page.getElementById('idle');
    const number = note?.querySelector('[data-seconds]');
    if (number) number.textContent = String(seconds);
    if (note) note.hidden = seconds === 0;
    this.left = seconds;
  }
}
