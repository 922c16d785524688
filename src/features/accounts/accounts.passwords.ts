import { foldText } from '../../domain/fold.js';

/** The commonest passwords found in leaks, as zxcvbn-ts lists them; read when the first password is chosen. */
let common: Promise<ReadonlySet<string>> | undefined;

/** Words of this place and trade, which whoever guesses tries first (OWASP ASVS 5, 6.1.2). */
const WORDS = [
  'sipas',
  'kiosk',
  'password',
  'matkhau',
  'admin',
  'quantri',
  'quanly',
  'motcua',
  'dichvucong',
  'hanhchinh',
  'hanhchinhcong',
  'trungtam',
  'hailong',
  'rathailong',
  'danhgia',
  'ubnd',
  'uyban',
  'vietnam',
  'trungtamhanhchinhcong',
  'trungtamphucvuhanhchinhcong',
];

/**
 * Whether a password is among the first that anyone would try: one of the commonest, or the user name or a word of this
 * place with nothing but figures and signs around it. Case, diacritics and spaces make no difference.
 */
export async function isEasilyGuessed(password: string, username: string): Promise<boolean> {
  common ??= readCommon();
  const folded = foldText(password).replaceAll(' ', '');
  const letters = lettersOf(folded);
  if (letters !== '' && (letters === lettersOf(username) || WORDS.includes(letters))) return true;
  return folded === username || (await common).has(folded);
}

async function readCommon(): Promise<ReadonlySet<string>> {
  const { dictionary } = await import('@zxcvbn-ts/language-common');
  return new Set(dictionary['passwords-common']);
}

function lettersOf(folded: string): string {
  return folded.replace(/[^\p{Letter}]/gu, '');
}
