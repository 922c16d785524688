import { rmSync } from 'node:fs';

export default async function stopDatabase(): Promise<void> {
  const running = globalThis.embeddedForTests;
  if (!running) return;
  await running.engine.close();
  rmSync(running.dataDir, { recursive: true, force: true });
}
