import { foldText } from '../../../src/domain/fold.js';

describe('folding a text for search', () => {
  it.each([
    ['Hòa', 'Hoà'],
    ['Thủy', 'Thuỷ'],
    ['Hóa Châu', 'Hoá Châu'],
    ['Đồng Nai', 'dong nai'],
    ['  Quảng   Ninh ', 'quang ninh'],
    ['Ba Chẽ'.normalize('NFD'), 'Ba Chẽ'.normalize('NFC')],
  ])('takes %s and %s as the same', (one, other) => {
    expect(foldText(one)).toBe(foldText(other));
  });

  it('keeps different names apart', () => {
    expect(foldText('Hoa')).not.toBe(foldText('Hoai'));
  });
});
