import type { Scale } from '../../domain/scale.js';
import { textIn } from '../../domain/text.js';
import type { Lang } from '../../i18n/index.js';
import type { QuestionClips } from '../clips/clips.service.js';
import {
  langOf,
  levelsToAskWhy,
  reasonsPage,
  type RatePage,
  type ReasonsInput,
  type ReasonsPage,
} from '../drafts/flow.views.js';
import type { KioskSetup } from './device-contract.js';
import type { Device } from './kiosks.access.js';

/** Locals of `kiosk/pair`. */
export interface PairPage {
  readonly error: string | null;
}

/** What the rest page carries besides the rest screen: the screens its script shows later, in one language. */
export interface RestPage {
  /** A question after the first, as a pattern; null when there is only one. */
  readonly followUp: Pick<RatePage, 'canSkip' | 'clip' | 'draftId' | 'progress' | 'said'> | null;
  readonly reasonsScreen: ReasonsPage | null;
}

/** The later screens of a kiosk's page. */
export function restPage(
  {
    base,
    centreName,
    questionnaire,
    setup,
    ...limits
  }: Omit<ReasonsInput, 'reasons' | 'responseId'> & Pick<Device, 'questionnaire'> & { readonly setup: KioskSetup },
  lang: Lang,
): RestPage {
  const of = questionnaire.items.length;
  const { reasons } = questionnaire;
  return {
    followUp: of > 1 ? { canSkip: true, clip: null, draftId: 'draft', progress: { step: 2, of }, said: {} } : null,
    reasonsScreen:
      setup.levelsToAskWhy.length > 0
        ? reasonsPage({ base, centreName, responseId: '', reasons, ...limits }, lang)
        : null,
  };
}

/** What the page's script needs to know. */
export function setupOf(
  { kiosk, questionnaire, hours }: Device,
  scale: Scale,
  given: Pick<KioskSetup, 'version' | 'languages' | 'maxReasons'>,
  clipsOf: (item: string) => QuestionClips,
  lang: Lang,
): KioskSetup {
  const { idleSeconds, thanksSeconds, repeatSeconds } = kiosk.settings;
  return {
    ...given,
    kiosk: kiosk.code,
    centre: kiosk.centre,
    counter: kiosk.counter,
    lang,
    questionnaire: questionnaire.id,
    questionnaireVersion: questionnaire.version,
    items: questionnaire.items.map(({ code, text }) => ({
      code,
      text: textIn(text, lang),
      lang: langOf(text, lang),
      clip: clipsOf(code).question,
    })),
    levelClips: clipsOf('').levels,
    levelsToAskWhy: levelsToAskWhy(questionnaire, scale),
    paused: kiosk.paused,
    hours,
    idleSeconds,
    thanksSeconds,
    repeatSeconds,
  };
}
