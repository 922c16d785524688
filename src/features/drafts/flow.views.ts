import type { Questionnaire } from '../../domain/questionnaire.js';
import type { Scale } from '../../domain/scale.js';
import { textIn, type LocalizedText } from '../../domain/text.js';
import type { Lang } from '../../i18n/index.js';
import { toneOf, type Tone } from '../level-tone.js';

/** One answer button: what it posts, its words and its face. */
export interface LevelButton {
  readonly code: number;
  readonly label: string;
  readonly face: Tone;
}

/** Locals of `kiosk/rate`: one question, its answers from best to worst, none chosen. */
export interface RatePage {
  /** The path below which the screens of this flow lie. */
  readonly base: string;
  readonly centreName: string;
  readonly question: string;
  /** Language the question is written in: a text without translation stays Vietnamese. */
  readonly questionLang: Lang;
  /** Address of the recording of the question; null where there is none. */
  readonly clip: string | null;
  readonly responseId: string;
  readonly itemCode: string;
  /** Version of the questionnaire that the question is of. */
  readonly version: number;
  readonly levels: readonly LevelButton[];
  /** Where this question stands in a questionnaire of several; null when it is the only one. */
  readonly progress: { readonly step: number; readonly of: number } | null;
  readonly canSkip: boolean;
  /** Id of the answers given so far; null on the rest screen. */
  readonly draftId: string | null;
  /** What the address said of the errand, sent along with the first answer. */
  readonly said: Readonly<Record<string, string>>;
}

/** Locals of `kiosk/reasons`. Nothing in it tells which level was chosen. */
export interface ReasonsPage {
  readonly base: string;
  readonly centreName: string;
  readonly responseId: string;
  readonly reasons: readonly { readonly code: string; readonly text: string; readonly lang: Lang }[];
  readonly maxReasons: number;
  readonly commentMaxLength: number;
  /** When the screen goes back to rest, by a `Refresh` header, which needs no JavaScript; null: it stays. */
  readonly returnSeconds: number | null;
  readonly error: string | null;
  /** Reason codes and comment as submitted, kept when the form comes back with an error. */
  readonly selected: readonly string[];
  readonly comment: string;
}

/** Locals of `kiosk/thanks`. */
export interface ThanksPage {
  readonly centreName: string;
  readonly returnSeconds: number | null;
}

/** What `ratePage` needs to know about the question. */
export type RateInput = Omit<RatePage, 'question' | 'questionLang' | 'levels'> & {
  readonly question: LocalizedText;
  readonly scale: Scale;
};

/** What `reasonsPage` needs; submitted values only when the form comes back with an error. */
export type ReasonsInput = Omit<ReasonsPage, 'reasons' | 'selected' | 'comment' | 'error'> &
  Partial<Pick<ReasonsPage, 'selected' | 'comment' | 'error'>> & {
    readonly reasons: readonly { readonly code: string; readonly text: LocalizedText }[];
  };

/** The rating screen in one language: levels from best to worst, as Vietnamese counters show them. */
export function ratePage({ scale, question, ...rest }: RateInput, lang: Lang): RatePage {
  return {
    ...rest,
    question: textIn(question, lang),
    questionLang: langOf(question, lang),
    levels: levelButtons(scale, lang),
  };
}

/** The screen that asks why, in one language. */
export function reasonsPage({ reasons, ...rest }: ReasonsInput, lang: Lang): ReasonsPage {
  return {
    error: null,
    selected: [],
    comment: '',
    ...rest,
    reasons: reasons.map(({ code, text }) => ({ code, text: textIn(text, lang), lang: langOf(text, lang) })),
  };
}

/** Levels after which the screen asks why: the dissatisfied ones, where the questionnaire has reasons. */
export function levelsToAskWhy(questionnaire: Questionnaire, scale: Scale): number[] {
  if (questionnaire.reasons.length === 0) return [];
  return scale.levels.filter(({ polarity }) => polarity === 'negative').map(({ code }) => code);
}

/** The answers of a scale as buttons, best first. */
export function levelButtons(scale: Scale, lang: Lang): LevelButton[] {
  return scale.levels
    .map((level) => ({ code: level.code, label: textIn(level.label, lang), face: toneOf(scale, level.code) }))
    .reverse();
}

/** The language a text is really shown in, so that a screen reader speaks it in the right voice. */
export function langOf(text: LocalizedText, wanted: Lang): Lang {
  return textIn(text, wanted) === text.vi ? 'vi' : wanted;
}

/** Value of the `Refresh` header that brings a kiosk back to its rest screen, as the next citizen expects it. */
export function returnHeader(seconds: number): string {
  return `${seconds}; url=/kiosk?lang=vi&text=normal`;
}
