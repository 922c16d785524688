import type { viLanguages } from './vi.languages.js';

/** English texts of the page about languages. */
export const enLanguages: Readonly<Record<keyof typeof viLanguages, string>> = {
  'languages.title': 'Languages',
  'languages.lead':
    'The languages that citizens may choose at a kiosk. What is not translated is shown in Vietnamese. To add a language, download the file, translate it, put it into the directory locales of the server and restart.',
  'languages.template': 'Download the file to translate',
  'languages.name': 'Language',
  'languages.code': 'Code',
  'languages.state': 'Translation',
  'languages.complete': 'Complete',
  'languages.gaps': '{n} texts missing or wrong',
  'languages.clips': 'Recordings',
  'languages.gapsOf': '{name}: texts missing or wrong',
  'languages.text': 'Text',
  'languages.problem': 'Problem',
  'languages.problem.missing': 'Not translated',
  'languages.problem.unknown': 'Not a text of this version',
  'languages.problem.parameters': 'What is in braces differs from the Vietnamese text',
  'languages.more': '{n} more.',
  'languages.unheard': 'Recordings that are never heard',
  'languages.unheardWhy':
    'Named after no question or level, of another format than mp3, m4a or wav, or larger than 1 MB.',
};
