import { Router } from 'express';
import { formatNumber } from '../../domain/format-vi.js';
import type { Languages } from '../../i18n/languages.js';
import type { MessageKey } from '../../i18n/index.js';
import { requireRight } from '../access/access.middleware.js';
import type { CatalogueService } from '../catalogue/catalogue.service.js';
import type { ClipService } from '../clips/clips.service.js';

export interface LanguagePageServices {
  readonly languages: Languages;
  readonly catalogue: CatalogueService;
  readonly clips: ClipService;
}

/** More texts than these are named in `sipas locale check`. */
const MOST_NAMED = 200;
const PATH = '/admin/languages';

/** An administrator's page on the languages that citizens may choose: what each lacks, and a file to translate. */
export function languagePages({ languages, catalogue, clips }: LanguagePageServices): Router {
  const router = Router();
  const may = requireRight('settings:manage');
  router.get(PATH, may, (_req, res) => {
    const { lang, t } = res.locals;
    const shown = languages.offered.map(({ code, name }) => {
      const gaps = languages.gaps(code, catalogue.texts());
      const named = gaps.slice(0, MOST_NAMED).map(({ key, problem }) => {
        const says: MessageKey = `languages.problem.${problem}`;
        return { key, problem: t(says) };
      });
      const state = gaps.length === 0 ? t('languages.complete') : t('languages.gaps', { n: number(gaps.length, lang) });
      return {
        ...{ code, name, state, gaps: named },
        more: gaps.length > named.length ? t('languages.more', { n: number(gaps.length - named.length, lang) }) : '',
        clips: number(clips.count(code), lang),
      };
    });
    const unheard = clips.unused(catalogue.questionnaires(), catalogue.scalesInUse());
    res.render('languages/languages', { offered: shown, unheard, template: `${PATH}/template.json` });
  });
  router.get(`${PATH}/template.json`, may, (_req, res) => {
    const file = JSON.stringify(languages.template(catalogue.texts()), null, 2);
    res.attachment('ngon-ngu-moi.json').type('json').send(file);
  });
  return router;
}

function number(value: number, lang: string): string {
  return formatNumber(value, 0, lang);
}
