/** What the worker thread is started with. */
export interface WorkerOptions {
  readonly dataDir: string;
  readonly socketName: string;
  readonly port: number | undefined;
}

/** What the worker thread tells the process that started it. Any message to it asks it to close. */
export type WorkerMessage =
  | { readonly kind: 'ready'; readonly socketPath: string }
  | { readonly kind: 'closed' }
  | {
      readonly kind: 'failed';
      readonly reason: 'in-use' | 'damaged' | 'other';
      readonly message: string;
      readonly pid: number;
    };
