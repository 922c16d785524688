import { isEasilyGuessed } from '../../../src/features/accounts/accounts.passwords.js';

describe('a password', () => {
  it.each([
    ['is one of the commonest', 'iloveyou'],
    ['is one of the commonest in capitals', 'PassWord1'],
    ['is one of the commonest with spaces', 'qwerty uiop'],
    ['is the user name', 'nguyenlan'],
    ['is the user name with a year', 'NguyenLan@2026'],
    ['is a word of the place with figures', 'matkhau123'],
    ['is a word of the place as it is spelt', 'Hài Lòng 2026!'],
    ['is the name of the product', 'sipas-2026'],
  ])('that %s is easily guessed', async (_, password) => {
    expect(await isEasilyGuessed(password, 'nguyenlan')).toBe(true);
  });

  it.each([
    ['of several words', 'con mèo trèo cây cau'],
    ['that has the user name among others', 'nguyenlan thích mưa'],
    ['of figures alone', '60917352841'],
    ['of signs alone', '!@&*%)(_+-=?'],
  ])('%s is not', async (_, password) => {
    expect(await isEasilyGuessed(password, 'nguyenlan')).toBe(false);
  });

  it('that is a user name of figures is easily guessed, other figures are not', async () => {
    expect(await isEasilyGuessed('20261122', '20261122')).toBe(true);
    expect(await isEasilyGuessed('60917352841', '20261122')).toBe(false);
  });
});
