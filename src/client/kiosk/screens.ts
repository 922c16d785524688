import type { KioskSetup } from '../../features/kiosks/device-contract.js';
import { Speaker, type Clip } from './speaker.js';

/** A tap this soon after a screen appeared was meant for the one before; whoever meant it is asked to tap again. */
const SETTLE_MS = 350;
const NOTICE_MS = 3000;

/** Why a tap was not taken: `again` for one that came too early, `wait` for one that came too soon after another. */
export type Notice = 'again' | 'wait';

/** What the citizen did on a screen. */
export type Action =
  | { readonly kind: 'level'; readonly level: number }
  | { readonly kind: 'reasons'; readonly reasons: readonly string[]; readonly comment: string }
  | { readonly kind: 'skip' | 'back' | 'rest' };

type ScreenName = 'question' | 'reasons' | 'thanks';

/** The screens as the server rendered them, put into the page one at a time. */
export class Screens {
  private readonly main: HTMLElement;
  private readonly rest: readonly Node[];
  private shownAt = -SETTLE_MS;
  private noticeTimer = 0;
  private readonly speaker = new Speaker();
  private position = 0;

  constructor(
    private readonly page: Document,
    private readonly setup: KioskSetup,
    /** Resolves once the action is kept and its screen is there. */
    private readonly onAction: (action: Action) => Promise<void>,
  ) {
    this.main = element(page, '#main');
    this.rest = [...this.main.childNodes].map((node) => node.cloneNode(true));
    this.main.addEventListener('submit', (event) => {
      event.preventDefault();
      const action = actionOf(event);
      if (action && event.submitter) this.take(action, event.submitter);
    });
    this.main.addEventListener('click', (event) => {
      if (event.target instanceof Element && event.target.closest('[data-listen]')) this.readOut();
      const link = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-action]') : null;
      const kind = link?.dataset['action'];
      if (!link || (kind !== 'back' && kind !== 'rest')) return;
      event.preventDefault();
      this.take({ kind }, link);
    });
    this.main.addEventListener('change', () => this.limitReasons());
    this.offerListening(0);
  }

  /** Says why the last tap was not taken, until the next screen or for a moment. */
  showNotice(notice: Notice): void {
    const line = element(this.page, '#notice');
    line.textContent = line.dataset[notice] ?? '';
    clearTimeout(this.noticeTimer);
    this.noticeTimer = setTimeout(() => line.replaceChildren(), NOTICE_MS);
  }

  showRest(): void {
    this.put(
      'rest',
      this.rest.map((node) => node.cloneNode(true)),
    );
    this.offerListening(0);
  }

  /** The question of a position in the questionnaire, first is 0; nothing is chosen on it, even when answered before. */
  showQuestion(position: number): void {
    const item = this.setup.items[position];
    if (!item) throw new RangeError(`No question ${position}`);
    this.put('question', this.copy('question'));
    const heading = element(this.main, 'h1');
    heading.textContent = item.text;
    heading.lang = item.lang;
    this.offerListening(position);
    const step = position + 1;
    const words = element(this.main, '[data-progress]');
    words.textContent = (words.dataset['progress'] ?? '').replace('{step}', String(step));
    element(this.main, 'progress').setAttribute('value', String(step));
    element(this.main, '[data-action="back"]').hidden = position === 0;
    heading.focus();
  }

  showReasons(): void {
    this.put('reasons', this.copy('reasons'));
    element(this.main, 'h1').focus();
  }

  showThanks(): void {
    this.put('thanks', this.copy('thanks'));
    element(this.main, 'h1').focus();
  }

  private take(action: Action, pressed: HTMLElement): void {
    if (performance.now() - this.shownAt < SETTLE_MS) {
      this.showNotice('again');
      return;
    }
    // The finger is seen at once, however long the disk takes; the mark goes with the screen.
    pressed.dataset['pressed'] = '';
    void this.onAction(action).finally(() => delete pressed.dataset['pressed']);
  }

  private put(name: ScreenName | 'rest', content: readonly Node[]): void {
    this.speaker.stop();
    this.page.body.dataset['screen'] = name;
    this.main.replaceChildren(...content);
    element(this.page, '#notice').replaceChildren();
    this.page.defaultView?.scrollTo(0, 0);
    this.shownAt = performance.now();
  }

  private copy(name: ScreenName): Node[] {
    const template = this.page.querySelector<HTMLTemplateElement>(`template[data-screen="${name}"]`);
    if (!template) throw new Error(`No screen ${name} in the page`);
    const content = this.page.importNode(template.content, true);
    content.querySelector('h1')?.setAttribute('tabindex', '-1');
    return [...content.childNodes];
  }

  /** The question and then its levels, as they stand on the screen. */
  private clips(): Clip[] {
    const { items, levelClips } = this.setup;
    const question = { address: items[this.position]?.clip ?? null, about: this.main.querySelector('h1') };
    const levels = [...this.main.querySelectorAll<HTMLButtonElement>('button[name="level"]')].map((level) => ({
      address: levelClips[level.value] ?? null,
      about: level,
    }));
    return [question, ...levels].flatMap(({ address, about }) => (address === null ? [] : [{ address, about }]));
  }

  private offerListening(position: number): void {
    this.position = position;
    const button = this.main.querySelector<HTMLElement>('[data-listen]');
    if (button) button.hidden = this.clips().length === 0;
  }

  private readOut(): void {
    void this.speaker.say(this.clips());
  }

  /** With as many reasons ticked as are taken, the others wait. */
  private limitReasons(): void {
    const boxes = [...this.main.querySelectorAll<HTMLInputElement>('input[name="reasons"]')];
    const full = boxes.filter(({ checked }) => checked).length >= this.setup.maxReasons;
    for (const box of boxes) box.disabled = full && !box.checked;
  }
}

function actionOf({ submitter, target }: SubmitEvent): Action | null {
  if (!(submitter instanceof HTMLButtonElement) || !(target instanceof HTMLFormElement)) return null;
  if (submitter.name === 'skip') return { kind: 'skip' };
  if (submitter.name === 'level') return { kind: 'level', level: Number(submitter.value) };
  const form = new FormData(target);
  const comment = form.get('comment');
  return {
    kind: 'reasons',
    reasons: form.getAll('reasons').map(String),
    comment: typeof comment === 'string' ? plainText(comment) : '',
  };
}

/** Without the halves of characters that a keyboard may leave behind, which the server would refuse. */
function plainText(text: string): string {
  return text
    .replaceAll('\r\n', '\n')
    .replace(/\p{Surrogate}/gu, '\uFFFD')
    .trim();
}

function element(within: ParentNode, selector: string): HTMLElement {
  const found = within.querySelector<HTMLElement>(selector);
  if (!found) throw new Error(`The page has no ${selector}`);
  return found;
}
