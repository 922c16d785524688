import { formatDay } from '../../domain/format-vi.js';
import { textIn } from '../../domain/text.js';
import type { CatalogueService } from '../catalogue/catalogue.service.js';
import type { Centre } from '../centres/centres.model.js';
import type { Grouping } from './reports.types.js';

const NOT_GIVEN = '(không ghi)';
const WEEKDAYS = ['Thứ Hai', 'Thứ Ba', 'Thứ Tư', 'Thứ Năm', 'Thứ Sáu', 'Thứ Bảy', 'Chủ nhật'];
const CHANNEL_NAMES: Readonly<Record<string, string>> = {
  kiosk: 'Ki-ốt',
  qr: 'Mã QR',
  paper: 'Phiếu giấy',
  import: 'Nhập từ tệp',
};

/** What a report's labels are looked up in. */
export interface LabelSource {
  readonly catalogue: CatalogueService;
  readonly centres: ReadonlyMap<string, Centre>;
  /** Last local day of the period: units are named as they were then. */
  readonly until: string;
}

/** The name of a group for people; the key itself where there is no better one. */
export function labelOf(grouping: Grouping, key: string, { catalogue, centres, until }: LabelSource): string {
  if (key === '') return NOT_GIVEN;
  switch (grouping) {
    case 'centre':
      return centres.get(key)?.name ?? key;
    case 'unit':
      return catalogue.unitName(key, until);
    case 'day':
      return formatDay(key);
    case 'week':
      return `Tuần ${Number(key.slice(6))}/${key.slice(0, 4)}`;
    case 'month':
      return `Tháng ${Number(key.slice(5))}/${key.slice(0, 4)}`;
    case 'quarter':
      return `Quý ${key.slice(6)}/${key.slice(0, 4)}`;
    case 'year':
      return `Năm ${key}`;
    case 'hour':
      return `${key} giờ`;
    case 'weekday':
      return WEEKDAYS[Number(key) - 1] ?? key;
    case 'channel':
      return CHANNEL_NAMES[key] ?? key;
    case 'reason':
      return reasonName(key, catalogue) ?? key;
    default:
      return key;
  }
}

function reasonName(code: string, catalogue: CatalogueService): string | undefined {
  for (const { reasons } of catalogue.questionnaires()) {
    const reason = reasons.find((known) => known.code === code);
    if (reason) return textIn(reason.text, 'vi');
  }
  return undefined;
}
