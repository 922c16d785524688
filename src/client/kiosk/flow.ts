import type { KioskSetup } from '../../features/kiosks/device-contract.js';
import type { Clock } from './clock.js';
import type { IdleWatch } from './idle.js';
import { newId } from './id.js';
import type { Entry, Queue } from './queue.js';
import type { Action, Screens } from './screens.js';
import type { Errand } from './setup.js';

/** What the citizen in front of the screen has said so far. */
interface Visit {
  readonly id: string;
  readonly position: number;
  readonly answers: Readonly<Record<string, number>>;
}

/** Where the flow is: at rest, with a citizen, or thanking one. */
type State = { readonly at: 'rest' | 'thanks' } | { readonly at: 'question' | 'reasons'; readonly visit: Visit };

/** Leads one citizen after the other from the rest screen to the thanks, and keeps every answer as it is given. */
export class Flow {
  private state: State = { at: 'rest' };
  private busy = false;
  private lastRatingAt: number | null = null;
  private thanksTimer = 0;

  constructor(
    private readonly setup: KioskSetup,
    private readonly queue: Queue,
    private readonly clock: Clock,
    private readonly screens: Pick<Screens, 'showRest' | 'showQuestion' | 'showReasons' | 'showThanks' | 'showNotice'>,
    private readonly idle: Pick<IdleWatch, 'start' | 'stop'>,
    private errand: Errand,
    private readonly on: { finished(): void; rest(): void },
  ) {}

  get isAtRest(): boolean {
    return this.state.at === 'rest' && !this.busy;
  }

  /** Takes one action of the citizen; while it is being kept, further taps are not another one. */
  async act(action: Action): Promise<void> {
    if (this.busy) {
      this.screens.showNotice('wait');
      return;
    }
    this.busy = true;
    try {
      await this.take(action);
    } finally {
      this.busy = false;
    }
  }

  /** The citizen has left: what was answered counts as it is. */
  async leave(): Promise<void> {
    const { state } = this;
    if ('visit' in state) await this.finish(state.visit, { reasons: [], comment: '' });
    this.goToRest();
  }

  private async take(action: Action): Promise<void> {
    const { state } = this;
    switch (action.kind) {
      case 'level':
        if (state.at === 'rest') await this.rate(action.level);
        else if (state.at === 'question') await this.answer(state.visit, action.level);
        return;
      case 'skip':
        if (state.at === 'rest') await this.advance({ id: newId(), position: 0, answers: {} });
        else if (state.at === 'question') await this.advance(state.visit);
        else if (state.at === 'reasons') await this.thank(state.visit, { reasons: [], comment: '' });
        return;
      case 'back':
        if (state.at === 'question') this.ask({ ...state.visit, position: Math.max(0, state.visit.position - 1) });
        return;
      case 'reasons':
        if (state.at === 'reasons') await this.thank(state.visit, action);
        return;
      case 'rest':
        this.goToRest();
    }
  }

  /** The first tap, on the rest screen. */
  private async rate(level: number): Promise<void> {
    const now = this.clock.running();
    const since = this.lastRatingAt === null ? null : now - this.lastRatingAt;
    if (since !== null && since < this.setup.repeatSeconds * 1000) {
      this.screens.showNotice('wait');
      return;
    }
    this.lastRatingAt = now;
    await this.answer({ id: newId(), position: 0, answers: {} }, level, since);
  }

  private async answer(visit: Visit, level: number, since: number | null = null): Promise<void> {
    const item = this.setup.items[visit.position];
    if (!item) return;
    const answers = { ...visit.answers, [item.code]: level };
    if (Object.keys(visit.answers).length === 0) await this.queue.put(this.newEntry(visit.id, answers, since));
    else {
      await this.queue.update(visit.id, (entry) => ({
        ...entry,
        answers: { ...entry.answers, answers },
        openSince: this.clock.now(),
      }));
    }
    await this.advance({ ...visit, answers });
  }

  private async advance(visit: Visit): Promise<void> {
    const { items, levelsToAskWhy } = this.setup;
    const asksWhy = Object.values(visit.answers).some((level) => levelsToAskWhy.includes(level));
    if (visit.position + 1 < items.length) this.ask({ ...visit, position: visit.position + 1 });
    else if (Object.keys(visit.answers).length === 0) this.goToRest();
    else if (asksWhy) {
      this.state = { at: 'reasons', visit };
      this.screens.showReasons();
      this.idle.start();
    } else await this.thank(visit, { reasons: [], comment: '' });
  }

  private ask(visit: Visit): void {
    this.state = { at: 'question', visit };
    this.screens.showQuestion(visit.position);
    this.idle.start();
  }

  private async thank(visit: Visit, said: Pick<Entry['answers'], 'reasons' | 'comment'>): Promise<void> {
    await this.finish(visit, said);
    this.state = { at: 'thanks' };
    this.idle.stop();
    this.screens.showThanks();
    this.thanksTimer = setTimeout(() => this.goToRest(), this.setup.thanksSeconds * 1000);
  }

  private async finish({ id }: Visit, { reasons, comment }: Pick<Entry['answers'], 'reasons' | 'comment'>) {
    await this.queue.update(id, (entry) => ({
      ...entry,
      answers: { ...entry.answers, reasons, comment },
      openSince: null,
    }));
    this.on.finished();
  }

  private goToRest(): void {
    clearTimeout(this.thanksTimer);
    this.idle.stop();
    this.state = { at: 'rest' };
    this.screens.showRest();
    this.on.rest();
  }

  private newEntry(id: string, answers: Readonly<Record<string, number>>, since: number | null): Entry {
    const { questionnaire, questionnaireVersion: version, lang: locale, counter, kiosk, centre } = this.setup;
    const now = this.clock.now();
    const own = { id, questionnaire, version, answers, reasons: [], comment: '', locale };
    const entry: Entry = {
      id,
      kiosk,
      centre,
      answers: { ...own, ...(counter === null ? {} : { counter }), ...this.errand },
      deviceAt: now,
      offsetMs: this.clock.offset(),
      sincePreviousMs: since === null ? null : Math.round(since),
      openSince: now,
    };
    this.errand = {};
    return entry;
  }
}
