import type { Queue } from './queue.js';

/** The line for staff at the foot of the screen: there only while something waits or was refused. */
export class StatusLine {
  constructor(
    private readonly page: Document,
    private readonly queue: Queue,
  ) {}

  async update(connected: boolean): Promise<void> {
    const { queued, setAside, full } = await this.queue.state();
    this.set('offline', !connected, queued);
    this.set('refused', setAside > 0, setAside);
    this.set('full', full, queued);
  }

  private set(name: string, shown: boolean, count: number): void {
    const line = this.page.querySelector<HTMLElement>(`[data-status="${name}"]`);
    if (!line) return;
    line.hidden = !shown;
    const number = line.querySelector('[data-count]');
    if (number) number.textContent = String(count);
  }
}
