import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, parse } from 'node:path';
import type { Questionnaire } from '../../domain/questionnaire.js';
import type { Scale } from '../../domain/scale.js';
import type { Lang } from '../../i18n/index.js';

/** Larger files would make the kiosk's copy for offline use fail on a slow line. */
const MAX_BYTES = 1024 * 1024;
/** What every browser of a kiosk decodes. */
const FORMATS = ['.mp3', '.m4a', '.wav'];

/** What is read out on the screen of a question; addresses, null where there is no clip. */
export interface QuestionClips {
  readonly question: string | null;
  /** By level code. */
  readonly levels: Readonly<Record<string, string>>;
}

/**
 * Recordings for those who do not read: in the data directory, `audio/<language>/<questionnaire>.<item>.mp3` for a
 * question and `audio/<language>/<scale>.<level>.mp3` for a level. Read once, at the start.
 */
export class ClipService {
  private readonly paths = new Map<string, string>();
  private readonly addresses = new Map<string, string>();
  private readonly refused: string[] = [];

  private constructor(private readonly directory: string) {}

  /** The clips of a directory; none when there is no such directory. */
  static read(directory: string): ClipService {
    const clips = new ClipService(directory);
    if (!existsSync(directory)) return clips;
    for (const lang of readdirSync(directory)) {
      if (!statSync(join(directory, lang)).isDirectory()) continue;
      for (const file of readdirSync(join(directory, lang)).sort()) clips.add(lang, file);
    }
    return clips;
  }

  /** What is read out on the screen of an item, in one language. */
  ofQuestion({ id, scale }: Questionnaire, item: string, { levels }: Scale, lang: Lang): QuestionClips {
    const found = levels.flatMap(({ code }) => {
      const address = this.addresses.get(`${lang}/${scale}.${code}`);
      return address === undefined ? [] : [[code, address] as const];
    });
    return { question: this.addresses.get(`${lang}/${id}.${item}`) ?? null, levels: Object.fromEntries(found) };
  }

  /** How many recordings a language has. */
  count(lang: Lang): number {
    return [...this.addresses.keys()].filter((name) => name.startsWith(`${lang}/`)).length;
  }

  /** Changes with every recording. */
  get fingerprint(): string {
    return [...this.addresses.values()].join();
  }

  /** The file below `/audio/`, if it is a clip. */
  pathOf(lang: string, file: string): string | undefined {
    return this.paths.get(`${lang}/${file}`);
  }

  /** Files that are never heard: too large, of another format, or named after nothing that is asked. */
  unused(questionnaires: readonly Questionnaire[], scales: readonly Scale[]): string[] {
    const asked = new Set([
      ...questionnaires.flatMap(({ id, items }) => items.map(({ code }) => `${id}.${code}`)),
      ...scales.flatMap(({ id, levels }) => levels.map(({ code }) => `${id}.${code}`)),
    ]);
    return [...this.refused, ...[...this.paths.keys()].filter((path) => !asked.has(parse(path).name))];
  }

  private add(lang: string, file: string): void {
    const path = join(this.directory, lang, file);
    const { name, ext } = parse(file);
    if (!FORMATS.includes(ext) || statSync(path).size > MAX_BYTES) {
      this.refused.push(`${lang}/${file}`);
      return;
    }
    const hash = createHash('sha256').update(readFileSync(path)).digest('hex').slice(0, 8);
    this.paths.set(`${lang}/${file}`, path);
    this.addresses.set(`${lang}/${name}`, `/audio/${encodeURIComponent(lang)}/${encodeURIComponent(file)}?v=${hash}`);
  }
}
