import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { transformFileSync } from '@swc/core';
import fc from 'fast-check';
import { localDay, localHour, localTimestamp } from '../../../src/domain/period.js';

describe('local time in Vietnam', () => {
  it.each([
    ['2026-11-21T16:59:59.999Z', '2026-11-21', 23, '2026-11-21T23:59:59.999+07:00'],
    ['2026-11-21T17:00:00.000Z', '2026-11-22', 0, '2026-11-22T00:00:00.000+07:00'],
    ['2026-11-22T01:02:03.456Z', '2026-11-22', 8, '2026-11-22T08:02:03.456+07:00'],
    ['2026-12-31T17:00:00.000Z', '2027-01-01', 0, '2027-01-01T00:00:00.000+07:00'],
    ['2024-02-28T17:00:00.000Z', '2024-02-29', 0, '2024-02-29T00:00:00.000+07:00'],
  ])('reads %s as day %s, hour %d', (instant, day, hour, timestamp) => {
    expect(localDay(new Date(instant))).toBe(day);
    expect(localHour(new Date(instant))).toBe(hour);
    expect(localTimestamp(new Date(instant))).toBe(timestamp);
  });

  it('is the clock of Asia/Ho_Chi_Minh in the time zone database, at any instant from 1976 on', () => {
    const clock = new Intl.DateTimeFormat('sv-SE', {
      timeZone: 'Asia/Ho_Chi_Minh',
      dateStyle: 'short',
      timeStyle: 'medium',
    });
    const instants = fc.date({ min: new Date('1976-01-01'), max: new Date('2999-12-30'), noInvalidDate: true });
    fc.assert(
      fc.property(instants, (instant) => {
        expect(localTimestamp(instant).slice(0, 19).replace('T', ' ')).toBe(clock.format(instant));
      }),
      { numRuns: 1000 },
    );
  });

  it('writes a timestamp that means the same instant', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('1976-01-01'), max: new Date('2999-12-30'), noInvalidDate: true }),
        (instant) => {
          expect(Date.parse(localTimestamp(instant))).toBe(instant.getTime());
        },
      ),
    );
  });

  it('refuses an invalid instant', () => {
    expect(() => localDay(new Date(NaN))).toThrow(RangeError);
  });
});

describe('a process in another time zone', () => {
  it.each([
    ['America/New_York', 300],
    ['Pacific/Kiritimati', -840],
    ['UTC', 0],
  ])('(%s) still sees midnight in Vietnam', (timeZone, offsetMinutes) => {
    expect(runIn(timeZone)).toEqual({
      offsetMinutes,
      days: ['2026-11-21', '2026-11-22'],
      hours: [23, 0],
      weekday: 7,
      week: '2026-W47',
      period: { from: '2026-11-01', to: '2026-11-30' },
      nextDay: '2026-03-09', // New York lost an hour on 8 March 2026
    });
  });
});

/** What period.ts says in a process started in `timeZone`; the zone of this process cannot be changed once it runs. */
function runIn(timeZone: string): unknown {
  const source = join(__dirname, '../../../src/domain/period.ts');
  const { code } = transformFileSync(source, {
    jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
    module: { type: 'commonjs' },
  });
  const program = `${code}
    const instants = ['2026-11-21T16:59:59.999Z', '2026-11-21T17:00:00.000Z'].map((text) => new Date(text));
    console.log(JSON.stringify({
      offsetMinutes: instants[0].getTimezoneOffset(),
      days: instants.map(localDay),
      hours: instants.map(localHour),
      weekday: weekday('2026-11-22'),
      week: weekKey('2026-11-22'),
      period: parsePeriod('2026-11').range,
      nextDay: addDays('2026-03-08', 1),
    }));`;
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', program], {
    env: { ...process.env, TZ: timeZone },
    encoding: 'utf8',
  });
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout);
}
