import { sortLink, sortRows } from '../../../src/features/reports/reports.sort.js';

describe('rows of a table', () => {
  const ROWS = [
    { label: 'Quầy 10', n: 3 },
    { label: 'Đông', n: null },
    { label: 'Dương', n: 20 },
    { label: 'Quầy 9', n: 100 },
  ];
  const labels = (sort?: string) =>
    sortRows(ROWS, sort === undefined ? {} : { sort }, (row, by) =>
      by === 'label' || by === 'n' ? row[by] : undefined,
    ).map(({ label }) => label);

  it.each([
    [undefined, ['Quầy 10', 'Đông', 'Dương', 'Quầy 9']],
    ['', ['Quầy 10', 'Đông', 'Dương', 'Quầy 9']],
    ['colour', ['Quầy 10', 'Đông', 'Dương', 'Quầy 9']],
    ['n', ['Quầy 10', 'Dương', 'Quầy 9', 'Đông']],
    ['-n', ['Quầy 9', 'Dương', 'Quầy 10', 'Đông']],
    ['label', ['Dương', 'Đông', 'Quầy 9', 'Quầy 10']],
    ['-label', ['Quầy 10', 'Quầy 9', 'Đông', 'Dương']],
  ])('with sort=%s are in the order %j', (sort, expected) => {
    expect(labels(sort)).toEqual(expected);
  });
});

describe('the link above a column', () => {
  it('orders figures from the highest, and keeps what else was asked', () => {
    expect(sortLink('n', '/reports', { period: '2026', unit: '', sort: 'label' })).toEqual({
      href: '/reports?period=2026&sort=-n',
      order: null,
    });
  });

  it('orders names from the first', () => {
    expect(sortLink('label', '/reports', {}).href).toBe('/reports?sort=label');
  });

  it.each([
    ['-n', '/reports?sort=n', 'descending'],
    ['n', '/reports?sort=-n', 'ascending'],
  ])('turns the order %s round', (sort, href, order) => {
    expect(sortLink('n', '/reports', { sort })).toEqual({ href, order });
  });
});
