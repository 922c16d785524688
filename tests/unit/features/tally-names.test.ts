import fc from 'fast-check';
import { addResponse, emptyCounts, type CountedResponse, type TallyKey } from '../../../src/domain/tally.js';
import {
  asTallyCounts,
  asTallyRecord,
  fieldName,
  fieldText,
  incrementPaths,
} from '../../../src/features/tallies/tallies.model.js';

const STRANGE = [
  '',
  'a.b',
  '$where',
  '%',
  '%2e',
  '%%',
  '_',
  '__proto__',
  'constructor',
  'l5',
  'f',
  'Hộ tịch',
  '\0',
  '日本',
];
const KEY: TallyKey = { centre: 'C', questionnaire: 'Q', version: 1, kind: 'day', period: '2026-11-22' };

const response = (text: string): CountedResponse => ({
  ...{ centre: 'C', kiosk: 'C-1', channel: 'kiosk', questionnaire: 'Q', version: 1, day: '2026-11-22', hour: 8 },
  ...{ answers: { overall: 5 }, reasons: [text], field: text, procedure: text, officer: text, counter: text },
});

function countsOf(texts: readonly string[]) {
  const counts = emptyCounts();
  for (const text of texts) addResponse(counts, response(text), { headline: 'overall' });
  return counts;
}

describe('the name of a group as a field of a document', () => {
  it.each(STRANGE)('gives back the text %p', (text) => {
    expect(fieldText(fieldName(text))).toBe(text);
  });

  it('gives back any text, differs for different texts and is one plain name in a path', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
        expect(fieldText(fieldName(a))).toBe(a);
        expect(fieldName(a) === fieldName(b)).toBe(a === b);
        expect(fieldName(a)).toMatch(/^[^.$\0]+$/);
        expect(fieldName(a)).not.toBe('__proto__');
      }),
    );
  });
});

describe('the counts of a tally', () => {
  it('are the same after they were written and read', () => {
    const counts = countsOf(STRANGE);
    expect(asTallyCounts(asTallyRecord(KEY, counts, 1))).toEqual(counts);
  });

  it('are as many increments as there are counts, each at a path of its own', () => {
    const paths = incrementPaths(countsOf(STRANGE));
    expect(Object.values(paths).every((amount) => amount > 0)).toBe(true);
    for (const dimension of ['field', 'procedure', 'officer', 'counter', 'reason']) {
      const forms = Object.keys(paths).filter((path) => path.startsWith(`by.${dimension}.`) && path.endsWith('.f'));
      expect(forms).toHaveLength(STRANGE.length);
    }
  });

  it('leave out what nobody counted', () => {
    expect(asTallyCounts({ forms: 0 })).toEqual(emptyCounts());
  });
});
