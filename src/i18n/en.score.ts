/** Texts of the score of 9 indicators and 18 points. */
export const enScore = {
  'tabs.score': 'Procedures score',
  'score.title': 'How administrative procedures are handled (9 indicators)',
  'score.placeHint': 'Choose a centre, or enter the code of a unit, to see its points.',
  'score.table': 'Points of each indicator',
  'score.indicator': 'Indicator',
  'score.max': 'At most',
  'score.self': 'Own points',
  'score.appraised': 'Appraised points',
  'score.rule': 'How points are given',
  'score.origin': 'Where own points are from',
  'score.total': 'Total',
  'score.assessed': '{n} of {of} indicators assessed',
  'score.grade': 'grade {grade}',
  'score.computed': 'from {n} dossiers returned',
  'score.byHand': 'entered by hand',
  'score.missing': 'not entered',
  'score.how.source':
    'Nine indicators and 18 points as used locally, after circular 01/2018/TT-VPCP; they were not compared with the rules now in force. Please do so before you use them.',
  'score.how.computed':
    'Indicator 1 is computed from the dossiers returned in the period, where they are known: 2 points before the day due, 1 on it, 0 after it, on average. People enter all others, which the system has no data on.',
  'score.how.complete':
    'A total and a grade are given only when all 9 indicators are assessed; one that is not counts neither as 0 nor as 2.',
  'score.how.grades':
    'Grades: Xuất sắc from 15, Tốt from 12, Khá from 9, Trung bình from 6 points, else Yếu; not compared with the legal text.',
  'score.enter': 'Enter points',
  'score.lead': '0 to 2 points an indicator, such as 1.25; leave empty what is not assessed.',
  'score.ownPlace': 'Appraised points are entered by those above this place.',
  'score.save': 'Save points',
  'score.back': 'See the result',
  'score.done': 'The points are saved.',
  'score.fieldOf': '{column}, indicator {n}',
  'score.error.period': 'Choose a month, quarter, half, nine months or year.',
  'score.error.points': '{field}: enter a number from 0 to 2 with at most 2 decimals.',
};
