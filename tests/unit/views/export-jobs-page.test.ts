import { jobForm } from '../../../src/features/exports/exports.job-form.js';
import type { ExportJob } from '../../../src/features/export-jobs/export-jobs.model.js';
import { exportJobsPage, type ExportJobsPageInput } from '../../../src/features/export-jobs/export-jobs.views.js';
import { exportJob, REQUESTED_AT } from '../../helpers/export-job.js';
import { LANGUAGES, render, textOf } from './pages.js';

const after = (seconds: number) => new Date(REQUESTED_AT.getTime() + seconds * 1000);

function shown(values: Partial<ExportJob>, input: Partial<ExportJobsPageInput> = {}) {
  const t = LANGUAGES.translator('vi');
  const all = { jobs: [exportJob(values)], isStill: false, problem: null, now: after(10), lang: 'vi', t, ...input };
  return exportJobsPage(all);
}

describe('a file in the making', () => {
  it.each([
    [0, 10, 'đang ước tính thời gian còn lại'],
    [250_000, 10, '25%, 250.000 trên khoảng 1.000.000 phiếu – còn khoảng 30 giây'],
    [100_000, 10, '10%, 100.000 trên khoảng 1.000.000 phiếu – còn khoảng 2 phút'],
    [1_000_001, 10, '99%, 1.000.001 trên khoảng 1.000.000 phiếu – còn khoảng 0 giây'],
  ])('with %d rows after %d s says: %s', (rows, seconds, text) => {
    expect(shown({ rows }, { now: after(seconds) }).jobs[0]?.progress?.text).toContain(text);
  });

  it('with a clock that went back tells no negative time', () => {
    expect(shown({ rows: 250_000 }, { now: after(-60) }).jobs[0]?.progress?.text).toContain('còn khoảng 0 giây');
  });

  it('of which nobody knows how long it will be shows no share', () => {
    expect(shown({ rows: 5, total: 0 }).jobs[0]?.progress).toMatchObject({ percent: 0 });
  });
});

describe('the page of files', () => {
  it('loads itself again while a file is in the making', () => {
    expect(shown({ state: 'queued' })).toMatchObject({ refresh: 5, refreshLink: { href: '/exports/jobs?auto=off' } });
  });

  it('does not, where its reader turned it off', () => {
    const still = shown({ state: 'running' }, { isStill: true });
    expect([still.refresh, still.refreshLink?.href]).toEqual([undefined, '/exports/jobs']);
  });

  it.each(['done', 'failed', 'cancelled'] as const)('does not, when every file is %s', (state) => {
    const page = shown({ state });
    expect([page.refresh, page.refreshLink]).toEqual([undefined, null]);
  });

  it.each([
    ['queued', { state: 'queued' }, ['Đang chờ', 'Hủy'], ['Tải về']],
    ['running', { state: 'running' }, ['Đang lập tệp', 'Hủy'], ['Tải về']],
    [
      'done',
      { state: 'done', rows: 5, bytes: 123_456_789, sha256: 'ab12', expiresAt: REQUESTED_AT },
      ['Đã xong', 'Tải về', '123,5 MB', 'ab12'],
      ['Hủy '],
    ],
    ['failed', { state: 'failed', failure: 'disk-full' }, ['Không lập được tệp', 'hết chỗ lưu'], ['Tải về', 'Hủy ']],
    ['cancelled', { state: 'cancelled' }, ['Đã hủy'], ['Tải về']],
  ] as const)('offers for a file that is %s what can be done', async (_, values, words, others) => {
    const text = textOf(await render('exports/jobs', shown(values)));
    for (const word of words) expect(text).toContain(word);
    for (const word of others) expect(text).not.toContain(word);
  });
});

describe('the form that asks for a file', () => {
  const form = (responses: number) => jobForm({ period: '2026' }, responses, LANGUAGES.translator('vi'));

  it('is the advised way to many responses', () => {
    expect(form(100_001).isAdvised).toBe(true);
  });

  it('is the other way to few', () => {
    expect(form(100_000).isAdvised).toBe(false);
  });
});
