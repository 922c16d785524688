import { Router } from 'express';
import { formatNumber } from '../../domain/format-vi.js';
import type { GradeTable } from '../../domain/grades.js';
import { RATE_DECIMALS } from '../../domain/rates.js';
import { textIn } from '../../domain/text.js';
import type { Lang, Translate } from '../../i18n/index.js';
import { requireRight } from '../access/access.middleware.js';
import type { CatalogueService } from './catalogue.service.js';

/** An administrator's page that shows the grade tables and what they rest on. */
export function gradeTablePages({ catalogue }: { readonly catalogue: CatalogueService }): Router {
  const router = Router();
  router.get('/admin/grades', requireRight('grades:read'), (_req, res) => {
    const { lang, t } = res.locals;
    res.render('grades/grades', { tables: catalogue.allGradeTables().map((table) => tableView(table, lang, t)) });
  });
  return router;
}

function tableView({ id, name, bands, source, status }: GradeTable, lang: Lang, t: Translate) {
  const bestFirst = [...bands].sort((a, b) => b.min - a.min);
  return {
    id,
    name,
    source,
    status: t(`grades.status.${status}`),
    bands: bestFirst.map(({ min, label }, index) => {
      const better = bestFirst[index - 1];
      return { label: textIn(label, lang), from: bound(min, lang), below: better ? bound(better.min, lang) : '' };
    }),
  };
}

function bound(value: number, lang: Lang): string {
  return formatNumber(value, Number.isInteger(value) ? 0 : RATE_DECIMALS, lang);
}
