import type { Connection } from 'mongoose';
import type { Clock } from '../../clock.js';
import { READ_LIMIT_MS } from '../../database/connect.js';
import { isDuplicateKey } from '../../database/duplicate-key.js';
import type { Questionnaire } from '../../domain/questionnaire.js';
import { ConflictError, NotFoundError } from '../../errors.js';
import type { AuditEvent, AuditService } from '../audit/audit.service.js';
import {
  catalogueCollections,
  type QuestionnaireRecord,
  type QuestionnaireState,
} from '../catalogue/catalogue.model.js';
import { contentOf, type CatalogueService } from '../catalogue/catalogue.service.js';
import { catalogueCode } from '../catalogue/questionnaire-shape.js';
import { DEFAULT_QUESTIONNAIRE } from '../centres/known-place.js';
import type { KioskService } from '../kiosks/kiosks.service.js';
import { changedFacts, summaryFacts } from './questionnaires.facts.js';
import { checkShape, QuestionnaireError, type Problem } from './questionnaires.problems.js';
import { ruleProblems, type Surroundings } from './questionnaires.rules.js';

/** One questionnaire with all its versions. */
export interface QuestionnaireHistory {
  readonly id: string;
  /** Published versions, oldest first. */
  readonly published: readonly QuestionnaireRecord[];
  readonly draft: QuestionnaireRecord | null;
}

/** Taken by a page's address. */
const RESERVED_IDS = ['new'];

/** Questionnaires as administrators write, publish and retire them; each change is one write (docs/adr/0015). */
export class QuestionnaireService {
  private readonly records: ReturnType<typeof catalogueCollections>['questionnaires'];

  constructor(
    connection: Connection,
    private readonly catalogue: CatalogueService,
    private readonly kiosks: KioskService,
    private readonly audit: AuditService,
    private readonly now: Clock,
  ) {
    this.records = catalogueCollections(connection).questionnaires;
  }

  /** Every questionnaire, by id. */
  async list(): Promise<QuestionnaireHistory[]> {
    const records = await this.read({});
    return [...new Set(records.map(({ id }) => id))].map((id) => historyOf(id, records));
  }

  /** @throws NotFoundError */
  async find(id: string): Promise<QuestionnaireHistory> {
    const records = await this.read({ id });
    if (records.length === 0) throw new NotFoundError('There is no such questionnaire.');
    return historyOf(id, records);
  }

  /** A draft of a new questionnaire with the questions of a published one. @throws QuestionnaireError */
  async copy(from: string, id: string, title: string): Promise<void> {
    const source = historyOf(from, await this.read({ id: from })).published.at(-1);
    if (!source) throw new QuestionnaireError([{ path: 'from', key: 'questionnaires.problem.source' }]);
    const problem = idProblem(id) ?? ((await this.read({ id })).length > 0 ? TAKEN : null);
    if (problem) throw new QuestionnaireError([problem]);
    // What the original is taken from does not vouch for what becomes of the copy.
    const note = `Sao chép từ ${from}, phiên bản ${source.version}.`;
    const content = { ...contentOf(source), id, version: 1, title: { vi: title }, source: { title: '', note } };
    const checked = checkShape(content);
    if (!checked.ok) throw new QuestionnaireError(checked.problems);
    await this.insert(content, `${from} v${source.version}`);
  }

  /**
   * A draft from the content of a file: of a new questionnaire, or the next version of a known one.
   * @throws QuestionnaireError naming everything that is wrong
   */
  async add(value: unknown): Promise<Questionnaire> {
    const checked = checkShape(value);
    if (!checked.ok) throw new QuestionnaireError(checked.problems);
    const { content } = checked;
    const { published, draft } = historyOf(content.id, await this.read({ id: content.id }));
    const next = (published.at(-1)?.version ?? 0) + 1;
    const problems = await this.problemsOf(content);
    if (RESERVED_IDS.includes(content.id)) problems.unshift(TAKEN);
    if (draft) problems.unshift({ path: 'id', key: 'questionnaires.problem.hasDraft' });
    else if (content.version !== next) {
      problems.unshift({ path: 'version', key: 'questionnaires.problem.version', params: { n: next } });
    }
    if (problems.length > 0) throw new QuestionnaireError(problems);
    await this.insert(content, 'JSON');
    return content;
  }

  /** Begins the next version, with the content of the newest; where somebody has begun already there is one. */
  async startNext(id: string): Promise<void> {
    const { published, draft } = await this.find(id);
    const newest = published.at(-1);
    if (draft || !newest) return;
    await this.insert({ ...contentOf(newest), version: newest.version + 1 }, `${id} v${newest.version}`);
  }

  /**
   * Writes a draft anew.
   * @param revision which of its states was changed
   * @throws QuestionnaireError, or ConflictError when somebody else has changed or published it since
   */
  async save(id: string, revision: number, value: unknown): Promise<void> {
    const draft = await this.draftAt(id, revision);
    const checked = checkShape(value);
    const problems = checked.ok ? await this.problemsOf(checked.content) : checked.problems;
    if (!checked.ok || problems.length > 0) throw new QuestionnaireError(problems);
    const event = { action: 'questionnaire.change' as const, ...changedFacts(contentOf(draft), checked.content) };
    await this.change(draft, event, { ...checked.content, state: 'draft', revision: revision + 1 });
  }

  /** Everything that keeps a version from being published. */
  async problemsOf(content: Questionnaire): Promise<Problem[]> {
    return ruleProblems(content, await this.surroundingsOf(content.id));
  }

  /** What a version of a questionnaire must agree with. */
  async surroundingsOf(id: string): Promise<Surroundings> {
    const published = (await this.read({})).filter(isPublished).map(contentOf);
    return {
      scales: this.catalogue.allScales().map((scale) => scale.id),
      earlier: published.filter((version) => version.id === id),
      others: published.filter((version) => version.id !== id),
    };
  }

  /** Publishes a draft; from then on it stays as it is. @throws QuestionnaireError, ConflictError */
  async publish(id: string, revision: number): Promise<void> {
    const draft = await this.draftAt(id, revision);
    const problems = await this.problemsOf(contentOf(draft));
    if (problems.length > 0) throw new QuestionnaireError(problems);
    const event = {
      action: 'questionnaire.publish' as const,
      before: { state: 'draft' },
      after: summaryFacts(contentOf(draft)),
    };
    await this.change(draft, event, { ...draft, state: 'published', publishedAt: this.now() });
    await this.catalogue.refresh();
  }

  /** Throws a draft away. @throws ConflictError when somebody else has changed or published it since */
  async discard(id: string, revision: number): Promise<void> {
    const draft = await this.draftAt(id, revision);
    const event = {
      action: 'questionnaire.discard',
      subject: subjectOf(draft),
      before: summaryFacts(contentOf(draft)),
    } as const;
    await this.audit.change(event, async () => {
      const { deletedCount } = await this.records.deleteOne(keyOf(draft));
      if (deletedCount === 0) throw changedMeanwhile();
    });
  }

  /** Codes of the kiosks that show a questionnaire. */
  async kiosksOf(id: string): Promise<string[]> {
    return (await this.kiosks.ofQuestionnaire(id)).map(({ code }) => code);
  }

  /** Whether citizens are asked it where nothing else is named, so that it cannot be retired. */
  isDefault(id: string): boolean {
    return id === DEFAULT_QUESTIONNAIRE;
  }

  /** Offers a questionnaire no longer. @throws ConflictError while a kiosk shows it */
  async retire(id: string): Promise<void> {
    if (this.isDefault(id) || (await this.kiosksOf(id)).length > 0) {
      throw new ConflictError('questionnaire-in-use', `Questionnaire ${id} is still shown.`);
    }
    await this.setState(id, 'questionnaire.retire', 'published', 'retired');
  }

  /** Offers a retired questionnaire again. */
  async reinstate(id: string): Promise<void> {
    await this.setState(id, 'questionnaire.reinstate', 'retired', 'published');
  }

  private async setState(
    id: string,
    action: 'questionnaire.retire' | 'questionnaire.reinstate',
    from: QuestionnaireState,
    to: QuestionnaireState,
  ): Promise<void> {
    const newest = (await this.find(id)).published.at(-1);
    if (!newest || stateOf(newest) !== from) throw changedMeanwhile();
    const event = { action, subject: subjectOf(newest), before: { state: from }, after: { state: to } } as const;
    await this.audit.change(event, () =>
      this.records.updateOne({ id, version: newest.version }, { $set: { state: to } }),
    );
    await this.catalogue.refresh();
  }

  private async insert(content: Questionnaire, source: string): Promise<void> {
    const record: QuestionnaireRecord = { ...content, state: 'draft', revision: 1 };
    const event = {
      action: 'questionnaire.add',
      subject: subjectOf(content),
      after: { ...summaryFacts(content), source },
    } as const;
    await this.audit.change(event, async () => {
      try {
        await this.records.insertOne(record);
      } catch (error) {
        if (isDuplicateKey(error)) throw changedMeanwhile();
        throw error;
      }
    });
  }

  private async change(
    draft: QuestionnaireRecord,
    event: Omit<AuditEvent, 'subject'>,
    replacement: QuestionnaireRecord,
  ): Promise<void> {
    await this.audit.change({ ...event, subject: subjectOf(draft) }, async () => {
      const { matchedCount } = await this.records.replaceOne(keyOf(draft), replacement);
      if (matchedCount === 0) throw changedMeanwhile();
    });
  }

  private async draftAt(id: string, revision: number): Promise<QuestionnaireRecord> {
    const { draft } = await this.find(id);
    if (draft?.revision !== revision) throw changedMeanwhile();
    return draft;
  }

  private read(filter: { readonly id?: string }): Promise<QuestionnaireRecord[]> {
    return this.records
      .find<QuestionnaireRecord>(filter, {
        projection: { _id: 0 },
        sort: { id: 1, version: 1 },
        maxTimeMS: READ_LIMIT_MS,
      })
      .toArray();
  }
}

const TAKEN: Problem = { path: 'id', key: 'questionnaires.problem.taken' };

function idProblem(id: string): Problem | null {
  if (!catalogueCode.safeParse(id).success) return { path: 'id', key: 'questionnaires.problem.code' };
  return RESERVED_IDS.includes(id) ? TAKEN : null;
}

function changedMeanwhile(): ConflictError {
  return new ConflictError('questionnaire-changed', 'Somebody has changed this questionnaire since.');
}

function historyOf(id: string, records: readonly QuestionnaireRecord[]): QuestionnaireHistory {
  const own = records.filter((record) => record.id === id);
  return { id, published: own.filter(isPublished), draft: own.find((record) => !isPublished(record)) ?? null };
}

/** The state of a version. */
export function stateOf({ state = 'published' }: QuestionnaireRecord): QuestionnaireState {
  return state;
}

function isPublished(record: QuestionnaireRecord): boolean {
  return stateOf(record) !== 'draft';
}

/** The draft in the very state that was read. */
function keyOf({ id, version, revision }: QuestionnaireRecord) {
  return { id, version, state: 'draft' as const, ...(revision === undefined ? {} : { revision }) };
}

function subjectOf({ id, version }: Pick<Questionnaire, 'id' | 'version'>): string {
  return `${id} v${version}`;
}
