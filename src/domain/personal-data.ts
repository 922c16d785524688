/** Words before which even a short number is somebody's: a telephone, an account, a paper. */
const NAMED =
  /(?<!\p{L})(?:sđt|sdt|đt|điện thoại|dien thoai|zalo|phone|tel|stk|tài khoản|tai khoan|cmnd|cmt|cccd|căn cước|can cuoc|hộ chiếu|ho chieu|passport)[^\d\n]{0,15}$/iu;

/** Numbers that say nothing about a person. They are looked for first, and what they cover is left as it is. */
const HARMLESS = new RegExp(
  [
    // A dossier's code, such as H22.15-261122-0001 or 000.00.22.H22-261122-0001.
    String.raw`(?<![\p{L}\d.])(?:[a-z]\d{2}|\d{3})(?:\.[a-z]?\d{1,3})+-\d{6}-\d{3,}(?!\d)`,
    // A procedure's code, such as 1.001612 or 1.001612.000.00.00.H22.
    String.raw`(?<![\d.])[1-9]\.\d{6}(?:\.\d{3}(?:\.\d{2}){2}\.[a-z]\d{2})?(?![\d.]*\d)`,
    // A day, unless the number goes on before or after it.
    String.raw`(?<!\d[.-]?)(?:0?[1-9]|[12]\d|3[01])([/.-])(?:0?[1-9]|1[0-2])\1(?:19|20)\d{2}(?![.-]?\d)`,
    String.raw`(?<!\d-?)(?:19|20)\d{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])(?!-?\d)`,
    // A time of day.
    String.raw`(?<!\d)(?:[01]?\d|2[0-3])\s?(?:[:hg]|giờ)\s?[0-5]\d(?!\d)`,
    // An amount of money, by its unit; "đồng ý" means "I agree".
    String.raw`(?<!\d[ .,-]?|\+)[1-9]\d*(?:[.,]\d{3})*\s?(?:đồng(?!\s+ý)|đ|vnđ|vnd|₫)(?!\p{L})`,
    // An amount in round thousands.
    String.raw`(?<!\d[ .,-]?|\+)[1-9]\d{0,2}(?:\.\d{3})*\.000(?![ .-]?\d)`,
  ].join('|'),
  'giu',
);

const EMAIL = /(?<![\p{L}\p{M}\d._%+-])([\p{L}\d])[\p{L}\p{M}\d._%+-]*@(?=[\p{L}\d-]+\.)/gu;
/** Digits in groups, as people write long numbers. */
const NUMBERS = /\d+(?:[ .\u00a0()-]{1,2}\d+)*/gu;
const PASSPORT_LETTER = /(?<![\p{L}\d])[A-Z]$/u;
const PHONE = /^(?:0|840?)[2-9]\d{8,9}$/;
/** Every citizen's identity number begins with the code of a province, 001 to 096. */
const IDENTITY = /^0\d{11}$/;
const HOTLINE = /^1[89]00\d{4,6}$/;
const YEAR = /^(?:19|20)\d{2}$/;

/** Digits of the shortest number that is covered whatever stands before it, of the shortest one that a word names, and of the longest. */
const LONG = 9;
const SHORT = 6;
const LONGEST = 19;

/**
 * A comment in which what leads to a person is covered: telephone numbers, identity cards and passports, accounts and
 * cards, e-mail addresses. The first and last two digits stay, so that who knows the number recognizes it. Days, times,
 * amounts, codes of dossiers and of procedures stay. In doubt a number of nine digits or more is covered. Names,
 * addresses and numbers in words are not found. Masking twice changes nothing.
 */
export function maskPersonalData(text: string): string {
  if (!/[@\d]/.test(text)) return text;
  let masked = '';
  let from = 0;
  for (const harmless of text.matchAll(HARMLESS)) {
    masked += maskStretch(text.slice(from, harmless.index)) + harmless[0];
    from = harmless.index + harmless[0].length;
  }
  return masked + maskStretch(text.slice(from));
}

function maskStretch(text: string): string {
  return text
    .replace(EMAIL, '$1***@')
    .replace(NUMBERS, (numbers: string, at: number, whole: string) => maskNumbers(numbers, whole.slice(0, at)));
}

/** Several numbers may follow one another, and one number may be written in several groups. */
function maskNumbers(numbers: string, before: string): string {
  // Groups of digits, and after each but the last what separates it from the next.
  const parts = numbers.split(/(\D+)/);
  const groups = parts.filter((_, index) => index % 2 === 0);
  let masked = '';
  for (let first = 0; first < groups.length;) {
    const together = personalGroups(groups.slice(first, first + LONGEST), first === 0 ? before : '');
    const next = first + Math.max(together, 1);
    const text = parts.slice(2 * first, 2 * next).join('');
    masked += together > 0 ? coverDigits(text) : text;
    first = next;
  }
  return masked;
}

/** How many groups from the first on are one number of a person; 0 when the first one begins none. */
function personalGroups(groups: readonly string[], before: string): number {
  const [first = ''] = groups;
  if (isPersonal(first, before)) return 1;
  for (let count = groups.length; count > 1; count -= 1) {
    if (arePersonal(groups.slice(0, count), before)) return count;
  }
  return 0;
}

function isPersonal(digits: string, before: string): boolean {
  const { length } = digits;
  if (HOTLINE.test(digits)) return false;
  if (length >= LONG) return true;
  return (length >= SHORT && NAMED.test(before)) || (length >= SHORT + 1 && PASSPORT_LETTER.test(before));
}

/** @param groups two or more */
function arePersonal(groups: readonly string[], before: string): boolean {
  if (groups.some((group) => group.length >= LONG)) return false;
  const digits = groups.join('');
  if (HOTLINE.test(digits) || digits.length > LONGEST) return false;
  if (PHONE.test(digits) || (digits.length >= SHORT && NAMED.test(before))) return true;
  const isInThrees = groups.every((group) => group.length >= 3);
  if (IDENTITY.test(digits)) return isInThrees;
  const isRound = groups.at(-1) === '000';
  return groups.length > 2 && isInThrees && digits.length >= LONG && !isRound && !groups.every((one) => YEAR.test(one));
}

function coverDigits(text: string): string {
  const digits = text.replace(/\D/g, '').length;
  const kept = digits >= LONG ? 2 : 1;
  let passed = 0;
  return text.replace(/\d/g, (digit) => {
    passed += 1;
    return passed <= kept || passed > digits - kept ? digit : '*';
  });
}
