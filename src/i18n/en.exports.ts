import type { viExports } from './vi.exports.js';

/** English texts of the page of exports and of the description of the API. */
export const enExports: Readonly<Record<keyof typeof viExports, string>> = {
  'api.title': 'Programming interface (API)',
  'api.contents': 'Contents',
  'api.parameters': 'Parameters',
  'api.body': 'Body',
  'api.fields': 'Fields of the answer',
  'api.example': 'Example',
  'api.name': 'Name',
  'api.type': 'Type',
  'api.about': 'Meaning',
  'api.required': 'required',
};
