import type { Gap } from '../i18n/languages.js';
import { CommandError, type Command } from './command.js';
import { columns } from './text.js';

const PROBLEMS: Readonly<Record<Gap['problem'], string>> = {
  missing: 'missing',
  unknown: 'not a text of this version',
  parameters: 'must have the same {parameters} as the Vietnamese text',
};

const check: Command = {
  summary: 'list what the languages of the kiosk lack; fails when there is anything',
  operands: { usage: '[CODE]', min: 0, max: 1 },
  options: {},
  async run({ open }, args) {
    const { languages, catalogue, clips } = await open();
    const known = languages.offered.map(({ code }) => code);
    const [wanted] = args.allOperands();
    if (wanted !== undefined && !known.includes(wanted)) {
      throw new CommandError(`there is no language ${wanted}; there are ${known.join(', ')}`);
    }
    const codes = wanted === undefined ? known : [wanted];
    const found = codes.map((code) => ({ code, gaps: languages.gaps(code, catalogue.texts()) }));
    const rows = found.flatMap(({ code, gaps }) => gaps.map(({ key, problem }) => [code, PROBLEMS[problem], key]));
    const unused = clips.unused(catalogue.questionnaires(), catalogue.scalesInUse());
    rows.push(...unused.map((file) => ['audio', 'never heard: its name, its format or over 1 MB', file]));
    const data = { languages: found, unusedClips: unused };
    if (rows.length === 0) return { data, text: `${codes.join(', ')}: complete` };
    return { data, text: columns(rows), failure: `${rows.length} texts are missing or wrong` };
  },
};

const template: Command = {
  summary: 'print a file for a new language, with every text to translate',
  options: {},
  async run({ open }) {
    const { languages, catalogue } = await open();
    const file = languages.template(catalogue.texts());
    return { data: file, text: JSON.stringify(file, null, 2) };
  },
};

export const localeCommands = { 'locale check': check, 'locale template': template };
