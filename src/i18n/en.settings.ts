import type { viSettings } from './vi.settings.js';

/** English texts of the page of settings. */
export const enSettings: Readonly<Record<keyof typeof viSettings, string>> = {
  'settings.title': 'Settings',
  'settings.lead':
    'What the office decides rather than the machine. Every change is in the audit, and in force on every server within 10 seconds.',
  'settings.office': 'Decided by the office',
  'settings.commentMonths': 'Keep what citizens wrote (months)',
  'settings.commentMonthsHint':
    '1 to 240 months from the day of the rating; then the text is removed, answers and figures stay.',
  'settings.dossierMonths': 'Keep the marks of rated dossiers (months)',
  'settings.dossierMonthsHint': '12 to 240 months; during this time each dossier is rated once only.',
  'settings.requireTotp': 'Who must use a second factor',
  'settings.requireTotpHint': 'Whoever has none is led to set one up at the next page.',
  'settings.requireTotp.none': 'nobody has to',
  'settings.requireTotp.admin': 'administrators',
  'settings.requireTotp.all': 'every account',
  'settings.tthcScore': 'Score of 9 indicators, 18 points',
  'settings.tthcScoreHint':
    'Switched off, there is no page and no link, and its cells in the forms stay empty. What was entered is kept.',
  'settings.tthcScore.on': 'in use',
  'settings.tthcScore.off': 'not in use',
  'settings.months': '{n} months',
  'settings.fixed': 'Set by the environment variable {variable}, so it cannot be changed here.',
  'settings.save': 'Save',
  'settings.done': 'The settings were saved.',
  'settings.error.months': 'give a number of months from {least} to {most}.',
  'settings.error.choice': 'choose one.',
  'settings.error.changed':
    'Somebody else has changed the settings. What you entered is not saved; please look again and try again.',
  'settings.confirm.title': 'Confirm the change of settings',
  'settings.confirm.commentMonths':
    'Comments are kept for {months} months only: {n} comments of ratings before {before} will be removed.',
  'settings.confirm.dossierMonths':
    'Marks of dossiers are kept for {months} months only: {n} marks of dossiers rated before {before} will be removed; those could be rated again.',
  'settings.confirm.when':
    'They are removed within 24 hours, or as soon as a server starts again, and cannot be brought back.',
  'settings.confirm.weaker':
    'Fewer accounts must use a second factor ({who}). A password that leaks will do to sign in. Please enter your own password to confirm.',
  'settings.confirm.submit': 'Change the settings',
  'settings.confirm.keep': 'Leave them as they are',
  'settings.installation': 'What this installation runs with',
  'settings.installationLead': 'To check only; whoever runs the machine changes it by environment variables.',
  'settings.version': 'Version',
  'settings.database': 'Database',
  'settings.embedded': 'the one of the product, in the data directory',
  'settings.mongodb': 'MongoDB',
  'settings.dataDir': 'Data directory',
  'settings.publicUrl': 'Address in links and QR codes',
  'settings.proxies': 'Proxies in front',
  'settings.secret': 'Secret',
  'settings.secretGiven': 'present, from SIPAS_SECRET',
  'settings.secretFile': 'present, made in the data directory',
  'settings.webhookNetworks': 'Private networks that webhooks may be sent to',
  'settings.nothing': 'none',
  'audit.action.settings.change': 'Settings changed',
};
