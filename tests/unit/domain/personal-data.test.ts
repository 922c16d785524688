import '../../helpers/properties.js';
import fc from 'fast-check';
import { maskPersonalData } from '../../../src/domain/personal-data.js';

describe('what leads to a person is covered in a comment', () => {
  it.each([
    ['a mobile number', 'Gọi tôi 0912345621 nhé', 'Gọi tôi 09******21 nhé'],
    ['one in groups', 'số 0912 345 621, cảm ơn', 'số 09** *** *21, cảm ơn'],
    ['one with dots', 'ĐT: 091.234.5621.', 'ĐT: 09*.***.**21.'],
    ['one with hyphens', '091-234-5621', '09*-***-**21'],
    ['one digit by digit', '0 9 1 2 3 4 5 6 2 1', '0 9 * * * * * * 2 1'],
    ['one from abroad', 'Zalo +84 912 345 621', 'Zalo +84 *** *** *21'],
    ['one with +84 and a zero', '+84 (0) 912345621', '+84 (0) 91*****21'],
    ['a landline with its area', '(0203) 3825 621', '(02**) **** *21'],
    ['a short landline that is named', 'điện thoại: 3825621', 'điện thoại: 3*****1'],
    ['two numbers', '0912345621 0987654321', '09******21 09******21'],
    ['a number before a day', '0912345621 22/11/2026', '09******21 22/11/2026'],
    ['a number before "đồng ý"', '0912345621 đồng ý cho gọi', '09******21 đồng ý cho gọi'],
    ['a CCCD', 'CCCD 022099001234 bị sai', 'CCCD 02********34 bị sai'],
    ['a CCCD in groups', '022 099 001 234', '02* *** *** *34'],
    ['a CMND', 'cmnd 100123456', 'cmnd 10*****56'],
    ['a CMND with dots', '100.123.456', '10*.***.*56'],
    ['a CMND before "đồng ý"', '100123456 đồng ý', '10*****56 đồng ý'],
    ['a passport', 'Hộ chiếu B1234567', 'Hộ chiếu B1*****7'],
    ['an account', 'STK 19034567890123 Techcombank', 'STK 19**********23 Techcombank'],
    ['a short account that is named', 'số tài khoản: 1234567', 'số tài khoản: 1*****7'],
    ['a card', '9704 2345 6789 0123', '97** **** **** **23'],
    ['an e-mail address', 'thư: nguyen.lan@gmail.com nhé', 'thư: n***@gmail.com nhé'],
  ])('%s', (_, comment, masked) => {
    expect(maskPersonalData(comment)).toBe(masked);
  });
});

describe('what says nothing about a person stays as it was written', () => {
  it.each([
    ['a day', 'Hẹn ngày 22/11/2026 mà chưa có'],
    ['days with dots and hyphens', 'từ 01.12.2025 đến 22-11-2026'],
    ['a day as programs write it', '2026-11-22 10:30'],
    ['a day and a time', '22-11-2026 10:30'],
    ['times', 'Chờ từ 7h30 đến 11:45, rồi 13 giờ 30'],
    ["a dossier's code", 'hồ sơ H22.15-261122-0001 chậm'],
    ["a dossier's code of digits", '000.00.22-261122-0001'],
    ["a dossier's code with an agency", '000.00.15.H22-261122-00012'],
    ["a procedure's code", 'thủ tục 1.001612 và 1.001612.000.00.00.H22'],
    ['an amount in đồng', 'thu 1.500.000.000 đồng, phí 150000000đ'],
    ['an amount without its unit', 'nộp 150.500.000 vào kho bạc'],
    ['years', 'các năm 2024 2025 2026'],
    ['a hotline', 'gọi 1022 và 1900 1096, 18001091'],
    ['counters and tickets', 'quầy 3, số A1023, chờ 45 phút'],
    ['a rating', 'Phục vụ 10/10 @@'],
    ['nothing', ''],
  ])('%s', (_, comment) => {
    expect(maskPersonalData(comment)).toBe(comment);
  });
});

describe('whatever is written', () => {
  const letters = Array.from('0123456789 .-+()@,:/ aAđồngSĐT\n');
  const comments = fc.string({ unit: fc.constantFrom(...letters) });
  const mobile = fc.integer({ min: 200_000_000, max: 999_999_999 }).map((rest) => `0${rest}`);
  const words = fc.array(fc.constantFrom('quầy', 'chờ', 'lâu', 'anh', 'Lan', ',', '.', '\n'), { maxLength: 5 });

  it('masking changes nothing but the digits it covers, and keeps the length', () => {
    const withoutEmail = comments.map((text) => text.replaceAll('@', ''));
    fc.assert(
      fc.property(withoutEmail, (text) => {
        const masked = maskPersonalData(text);
        const differs = Array.from(text, (character, at) => (character === masked[at] ? '' : character)).join('');
        expect(differs).toMatch(/^\d*$/);
        expect(masked).toHaveLength(text.length);
      }),
    );
  });

  it('masking twice is masking once', () => {
    fc.assert(fc.property(comments, (text) => maskPersonalData(maskPersonalData(text)) === maskPersonalData(text)));
  });

  it('a mobile number among words is never left', () => {
    fc.assert(
      fc.property(words, mobile, words, (before, number, after) => {
        const text = [...before, number, ...after].join(' ');
        expect(maskPersonalData(text)).not.toContain(number);
      }),
    );
  });

  it('the longest comment is masked at once, however it is made', () => {
    const worst = ['1 '.repeat(500), '1.'.repeat(500), 'a.'.repeat(500), '0'.repeat(1000), '1.000'.repeat(200)];
    const started = performance.now();
    worst.forEach(maskPersonalData);
    expect(performance.now() - started).toBeLessThan(2000);
  });
});
