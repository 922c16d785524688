const STORE = 'sipas-text';

/** The larger text that a citizen may choose; it lasts for one visit, also when the language changes within it. */
export class TextSize {
  private readonly link: HTMLElement | null;

  constructor(
    private readonly page: Document,
    private readonly store: Storage,
    private readonly changed: () => void,
  ) {
    this.link = page.querySelector('[data-text-size]');
    this.link?.addEventListener('click', (event) => {
      event.preventDefault();
      this.set(!this.isLarge);
      this.changed();
    });
    if (store.getItem(STORE) !== null) this.set(true);
  }

  get isLarge(): boolean {
    return this.page.documentElement.dataset['text'] === 'large';
  }

  /** The next citizen starts with the usual size. */
  reset(): void {
    if (this.isLarge) this.set(false);
  }

  private set(large: boolean): void {
    const { dataset } = this.page.documentElement;
    if (large) dataset['text'] = 'large';
    else delete dataset['text'];
    if (large) this.store.setItem(STORE, 'large');
    else this.store.removeItem(STORE);
    // Chosen before this script was there, the server remembers it.
    if (!large) this.page.cookie = 'text=; Max-Age=0; Path=/';
    if (this.link) this.link.textContent = this.link.dataset[large ? 'normal' : 'large'] ?? '';
  }
}
