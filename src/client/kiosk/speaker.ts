/** A recording, and what of the screen it is about. */
export interface Clip {
  readonly address: string;
  readonly about: Element | null;
}

/** Reads recordings out, one after the other, and marks on the screen what is being read. */
export class Speaker {
  private context: AudioContext | null = null;
  private source: AudioBufferSourceNode | null = null;
  private turn = 0;

  /** Only ever after a tap: browsers let nothing be heard before one, and nobody wants it. */
  async say(clips: readonly Clip[]): Promise<void> {
    this.stop();
    const { turn } = this;
    // Not an audio element: some browsers ask for parts of its file, which a copy for offline use does not have.
    this.context ??= new AudioContext();
    await this.context.resume();
    for (const { address, about } of clips) {
      // What cannot be had without network is left out; the words stand on the screen.
      const sound = await this.fetchSound(address).catch(() => null);
      if (turn !== this.turn) return;
      if (!sound) continue;
      about?.setAttribute('data-spoken', '');
      await this.play(sound);
      about?.removeAttribute('data-spoken');
      if (turn !== this.turn) return;
    }
  }

  stop(): void {
    this.turn += 1;
    this.source?.stop();
    this.source = null;
  }

  private async fetchSound(address: string): Promise<AudioBuffer | undefined> {
    const answer = await fetch(address, { redirect: 'error' });
    if (!answer.ok) throw new Error(`${address} could not be fetched`);
    return this.context?.decodeAudioData(await answer.arrayBuffer());
  }

  private play(sound: AudioBuffer): Promise<void> {
    const source = this.context?.createBufferSource();
    if (!this.context || !source) return Promise.resolve();
    source.buffer = sound;
    source.connect(this.context.destination);
    this.source = source;
    return new Promise((resolve) => {
      source.onended = () => resolve();
      source.start();
    });
  }
}
