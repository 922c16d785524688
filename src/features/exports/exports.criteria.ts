import { textIn } from '../../domain/text.js';
import type { CriterionRow } from '../reports/criteria.service.js';
import { levelColumns, levelCells, RATE_COLUMNS, rateCells } from './exports.figures.js';
import { tableOf, type Cell, type Export } from './exports.tables.js';

const COLUMNS = [
  'scale',
  'questionnaire',
  'unit',
  'unit_name',
  'factor',
  'factor_name',
  'criterion',
  'criterion_text',
] as const;

/** Answers by unit, factor and criterion; the rows of all units together name no unit. */
export function criteriaExport(rows: readonly CriterionRow[]): Export {
  const width = Math.max(0, ...rows.map(({ scale }) => scale.levels.length));
  const columns = [...COLUMNS, 'n', ...levelColumns(width), ...RATE_COLUMNS];
  return {
    table: tableOf(
      'criteria',
      columns,
      rows.map((row) => cells(row, width)),
    ),
    notes: [],
  };
}

function cells({ scale, questionnaire, unit, factor, item, figures }: CriterionRow, width: number): Cell[] {
  return [
    scale.id,
    questionnaire,
    unit?.code ?? '',
    unit?.name ?? 'Tổng',
    item.factor,
    factor ? textIn(factor.name, 'vi') : '',
    item.code,
    textIn(item.text, 'vi'),
    figures.n,
    ...levelCells(figures, width),
    ...rateCells(figures),
  ];
}
