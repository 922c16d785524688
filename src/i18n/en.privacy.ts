/** Texts about the collection itself. */
export const enPrivacy = {
  'privacy.link': 'About this survey',
  'privacy.title': 'About this survey',
  'privacy.lead': 'Taking part is entirely voluntary. Whether you rate, and how, makes no difference to your dossier.',
  'privacy.why': 'What it is for',
  'privacy.whyText':
    'To know how satisfied you are and what the service should do better. It is used for nothing else.',
  'privacy.what': 'What is kept',
  'privacy.whatText':
    'The level you chose, reasons and a comment if you gave any, age group or gender if you were asked and answered, the time, the counter, the officer and the procedure. No name, telephone number, identity number or address; no picture and no sound. The code of a dossier, where there is one, is kept only as a one-way keyed hash, so that each dossier is rated once.',
  'privacy.commentText':
    'Please write no personal details in a comment. Telephone, identity and account numbers and e-mail addresses written there all the same are covered for everyone outside the centre but the administrators of the system.',
  'privacy.who': 'Who keeps it, who sees it',
  'privacy.whoText': 'The one-stop centre where you rated, and the authorities above it. The public sees totals only.',
  'privacy.long': 'How long',
  'privacy.longComments': 'Written comments: {months} months, then removed automatically.',
  'privacy.longDossiers': 'The mark that a dossier was rated: {months} months, then removed automatically.',
  'privacy.longAnswers': 'Levels and reasons, tied to no person: kept for reports over the years.',
  'privacy.ask': 'Questions',
  'privacy.askText':
    'Please ask the staff where you came with your errand. Since no names are kept, nobody can find the answers that are yours.',
} as const;
