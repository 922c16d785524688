import type { Questionnaire } from '../../domain/questionnaire.js';
import type { Scale } from '../../domain/scale.js';
import type { LocalizedText } from '../../domain/text.js';
import { tableOf, type Row, type Table } from './exports.tables.js';

const COLUMNS = ['kind', 'questionnaire', 'version', 'code', 'parent', 'text_vi', 'text_en', 'note'];

/** What the columns of an export of responses say, in the order of contract §3 Exports. */
export const COLUMN_TEXTS: readonly (readonly [column: string, text: LocalizedText])[] = [
  ['id', { vi: 'Mã phiếu, do thiết bị tạo', en: 'Id of the form, made by the device' }],
  ['centre', { vi: 'Mã trung tâm', en: 'Code of the centre' }],
  ['centre_name', { vi: 'Tên trung tâm', en: 'Name of the centre' }],
  ['kiosk', { vi: 'Mã ki-ốt; trống nếu không qua ki-ốt', en: 'Code of the kiosk; blank where there was none' }],
  ['channel', { vi: 'Kênh nhận phiếu', en: 'How the form came in' }],
  ['questionnaire', { vi: 'Mã bộ câu hỏi', en: 'Id of the questionnaire' }],
  ['version', { vi: 'Phiên bản bộ câu hỏi', en: 'Version of the questionnaire' }],
  ['captured_at', { vi: 'Thời điểm đánh giá (giờ Việt Nam)', en: 'When it was answered (Vietnamese time)' }],
  ['received_at', { vi: 'Thời điểm máy chủ nhận (giờ Việt Nam)', en: 'When the server received it (Vietnamese time)' }],
  ['day', { vi: 'Ngày đánh giá', en: 'Local day of the answer' }],
  ['hour', { vi: 'Giờ đánh giá, 0–23', en: 'Local hour of the answer, 0–23' }],
  ['locale', { vi: 'Ngôn ngữ hiển thị', en: 'Language shown' }],
  ['field', { vi: 'Lĩnh vực', en: 'Field of the procedure' }],
  ['procedure', { vi: 'Mã thủ tục hành chính', en: 'Code of the procedure' }],
  ['counter', { vi: 'Quầy', en: 'Counter' }],
  ['officer', { vi: 'Mã công chức', en: 'Code of the officer' }],
  ['reasons', { vi: 'Mã lý do, cách nhau bằng dấu ;', en: 'Codes of the reasons, separated by ;' }],
  ['comment', { vi: 'Ý kiến, nguyên văn', en: 'Comment as written' }],
  [
    'flags',
    { vi: 'Dấu hiệu cần xem lại; phiếu vẫn được tính', en: 'Worth a second look; the form counts all the same' },
  ],
];
const ITEM_NOTE = 'trống = không trả lời / blank = not answered';

/**
 * What the codes in an export of responses stand for: its columns, and of every version of its questionnaires the
 * factors, items, levels, reasons and questions about the citizen.
 */
export function codebook(versions: readonly Questionnaire[], scaleOf: (id: string) => Scale): Table {
  const columns = COLUMN_TEXTS.map(([column, text]) => line('column', null, column, '', text, ''));
  return tableOf('codebook', COLUMNS, [
    ...columns,
    ...versions.flatMap((questionnaire) => linesOf(questionnaire, scaleOf(questionnaire.scale))),
  ]);
}

function linesOf(questionnaire: Questionnaire, scale: Scale): Row[] {
  const of = (kind: string, code: string | number, parent: string, text: LocalizedText, note = ''): Row =>
    line(kind, questionnaire, code, parent, text, note);
  const { id, title, headline, source, factors, items, reasons, demographics } = questionnaire;
  return [
    of('questionnaire', id, scale.id, title, source.note),
    ...factors.map(({ code, name }) => of('factor', code, '', name)),
    ...items.map(({ code, factor, text }) =>
      of('item', code, factor, text, code === headline ? `headline; ${ITEM_NOTE}` : ITEM_NOTE),
    ),
    ...scale.levels.map(({ code, label, polarity, top }) =>
      of('level', code, scale.id, label, top ? `${polarity}, top` : polarity),
    ),
    ...reasons.map(({ code, text }) => of('reason', code, '', text)),
    ...demographics.flatMap(({ code, text, options }) => [
      of('demographic', code, '', text, `column demo_${code}`),
      ...options.map((option) => of('option', option.code, code, option.text)),
    ]),
  ];
}

function line(
  kind: string,
  questionnaire: Questionnaire | null,
  code: string | number,
  parent: string,
  { vi, en = '' }: LocalizedText,
  note: string,
): Row {
  return [kind, questionnaire?.id ?? '', questionnaire?.version ?? '', code, parent, vi, en, note];
}
