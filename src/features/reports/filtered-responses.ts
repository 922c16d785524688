import type { Connection } from 'mongoose';
import { READ_LIMIT_MS } from '../../database/connect.js';
import { groupBy } from '../../domain/group-by.js';
import { monthKey, yearKey } from '../../domain/period.js';
import {
  addResponse,
  emptyCounts,
  EVERYWHERE,
  tallyId,
  type CountedResponse,
  type TallyCounts,
  type TallyKey,
} from '../../domain/tally.js';
import { BadRequestError } from '../../errors.js';
import { InTurn } from '../../in-turn.js';
import type { CatalogueService } from '../catalogue/catalogue.service.js';
import { responseCollection } from '../responses/responses.model.js';
import { COUNTED_FIELDS, groupsOf, type TallyRecord } from '../tallies/tallies.model.js';
import { findTallies, type TallyQuery } from './reports.model.js';
import { withValues, type Filters } from './reports.types.js';

/** Read in less than three seconds by the embedded database of a small machine (docs/performance.md). */
export const MOST_RESPONSES = 80_000;
/** Few enough that other requests hardly wait while a batch is counted. */
const BATCH = 250;
/** One report counts at a time; with more than these the last would wait longer than a browser does. */
const MOST_UNFINISHED = 8;

/** More responses would have to be read than a page has time for. */
export class TooManyResponsesError extends BadRequestError {
  constructor(filters: Filters, responses: number) {
    const message =
      `needs ${responses} responses to be read one by one, more than ${MOST_RESPONSES}; ` +
      'choose a shorter period, one centre or fewer filters';
    super(
      'The query takes too long to answer.',
      filters.slice(0, 1).map(({ by }) => ({ path: by, message })),
    );
  }
}

/** What a tally would hold, counted from some of its responses. */
export interface FilteredTally {
  readonly key: TallyKey;
  readonly counts: TallyCounts;
}

/**
 * Counts what no tally keeps apart from the responses themselves: those of the centres that have, by their tallies, any
 * response with each of the values (docs/adr/0019).
 */
export class FilteredResponses {
  private readonly turns = new InTurn(MOST_UNFINISHED);

  constructor(
    private readonly connection: Connection,
    private readonly catalogue: CatalogueService,
  ) {}

  /**
   * By centre, questionnaire version and period; `together` tells centres not apart. Responses that wait to be counted
   * are in no report yet.
   * @throws TooManyResponsesError before anything is read, BusyError where too much waits
   */
  async count(query: TallyQuery, together: boolean): Promise<FilteredTally[]> {
    const centres = await this.centresToRead(query);
    return centres.length === 0 ? [] : this.turns.do(() => this.read(query, centres, together));
  }

  /** The centres that may have responses with all the values. */
  private async centresToRead(query: TallyQuery): Promise<string[]> {
    const tallies = await findTallies(this.connection, { ...query, questionnaire: undefined, longest: 'year' });
    await this.catalogue.know(tallies);
    // All responses of these centres and days are read, whatever they answer: an index on every filter would cost each
    // response that is stored.
    const read = [...groupBy(tallies, ({ centre }) => centre)].filter(([, own]) => mayHave(own, query));
    const responses = read.flatMap(([, own]) => own).reduce((sum, { forms }) => sum + forms, 0);
    if (responses > MOST_RESPONSES) throw new TooManyResponsesError(query.filters, responses);
    return read.map(([centre]) => centre);
  }

  private async read(
    { range, questionnaire, longest, filters }: TallyQuery,
    centres: readonly string[],
    together: boolean,
  ): Promise<FilteredTally[]> {
    const found = responseCollection(this.connection).find<CountedResponse>(
      {
        centre: { $in: [...centres] },
        day: { $gte: range.from, $lte: range.to },
        ...(questionnaire === undefined ? {} : { questionnaire }),
        ...withValues(filters),
        pending: { $exists: false },
      },
      { projection: { _id: 0, ...COUNTED_FIELDS }, maxTimeMS: READ_LIMIT_MS, batchSize: BATCH },
    );
    const tallies = new Map<string, FilteredTally>();
    try {
      while (await found.hasNext()) {
        const responses = found.readBufferedDocuments();
        await this.catalogue.know(responses);
        for (const response of responses) this.add(tallies, response, longest, together);
      }
    } finally {
      await found.close();
    }
    return [...tallies.values()];
  }

  private add(
    tallies: Map<string, FilteredTally>,
    response: CountedResponse,
    kind: TallyQuery['longest'],
    together: boolean,
  ): void {
    const { questionnaire: id, version, day } = response;
    const questionnaire = this.catalogue.questionnaire(id, version);
    if (!questionnaire) throw new Error(`A response is to the unknown questionnaire ${id} version ${version}`);
    const period = { day, month: monthKey(day), year: yearKey(day) }[kind];
    const key = { centre: together ? EVERYWHERE : response.centre, questionnaire: id, version, kind, period };
    const name = tallyId(key);
    const tally = tallies.get(name) ?? { key, counts: emptyCounts() };
    tallies.set(name, tally);
    addResponse(tally.counts, response, questionnaire);
  }
}

/** Whether a centre of these tallies has any answer to the questionnaire asked about with each of the values. */
function mayHave(tallies: readonly TallyRecord[], { questionnaire, filters }: TallyQuery): boolean {
  const asked = tallies.filter((tally) => questionnaire === undefined || tally.questionnaire === questionnaire);
  return filters.every(({ by }) => asked.some((tally) => groupsOf(tally, by).length > 0));
}
