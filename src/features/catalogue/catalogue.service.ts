import type { Connection } from 'mongoose';
import type { Clock } from '../../clock.js';
import { READ_LIMIT_MS } from '../../database/connect.js';
import { duplicatePositions } from '../../database/duplicate-key.js';
import { foldText } from '../../domain/fold.js';
import { groupBy } from '../../domain/group-by.js';
import { localDay } from '../../domain/period.js';
import { versionInForce, type GradeTableVersion } from '../../domain/grades.js';
import type { Questionnaire } from '../../domain/questionnaire.js';
import type { Scale } from '../../domain/scale.js';
import {
  catalogueCollections,
  PUBLISHED,
  type QuestionnaireRecord,
  type Unit,
  type UnitKind,
} from './catalogue.model.js';
import { readCatalogueFiles, type Part } from './catalogue.files.js';
import { catalogueTexts, localizeQuestionnaire, localizeScale, type Localize } from './citizen-texts.js';
import { readOfficeUnits, unitHistories, type OfficeUnit } from './office-units.model.js';
import { gradeTableCollections, readGradeTables, type GradeTableHistory } from './grade-tables.model.js';

/** The word that stands before a unit's name. */
export const UNIT_KIND_NAMES: Readonly<Record<UnitKind, string>> = {
  tinh: 'Tỉnh',
  'thanh-pho': 'Thành phố',
  xa: 'Xã',
  phuong: 'Phường',
  'dac-khu': 'Đặc khu',
};

const MAX_FOUND = 50;

/**
 * Units, questionnaires, scales and grade tables. They are few and a published version never changes, so they are
 * read once and kept; the database stays their home.
 */
export class CatalogueService {
  private readonly collections: ReturnType<typeof catalogueCollections>;
  private shippedUnits: readonly Unit[] = [];
  private unitVersions: ReadonlyMap<string, readonly Unit[]> = new Map();
  private readonly children = new Map<string, readonly string[]>();
  private readonly questionnaireVersions = new Map<string, readonly Questionnaire[]>();
  /** Ids of the questionnaires whose newest version is retired. */
  private readonly retired = new Set<string>();
  /** Names the versions in memory and their states. */
  private known = '';
  /** The imported units in memory. */
  private knownUnits = '';
  private readonly scales = new Map<string, Scale>();
  private gradeTables: ReadonlyMap<string, GradeTableHistory> = new Map();

  /** `localize` adds languages to the texts of questionnaires and scales. */
  constructor(
    private readonly connection: Connection,
    private readonly localize: Localize,
    private readonly now: Clock,
  ) {
    this.collections = catalogueCollections(connection);
  }

  /** Stores what the files of `directory` hold and the database lacks; the same files again change nothing. */
  async loadFiles(directory: string): Promise<void> {
    const files = await readCatalogueFiles(directory);
    const { questionnaires, scales } = this.collections;
    await this.store('units', files.units, (records) => this.storeUnits(records));
    await this.store('scales', files.scales, (records) =>
      scales.bulkWrite(records.map((scale) => replacement({ id: scale.id }, scale))),
    );
    await this.store('gradeTables', files.gradeTables, (records) =>
      gradeTableCollections(this.connection).shipped.bulkWrite(
        records.map(({ id, bands, ...words }) => ({
          // Limits that were reported by stay.
          updateMany: { filter: { id }, update: { $set: words, $setOnInsert: { bands } }, upsert: true },
        })),
      ),
    );
    await this.store('questionnaires', files.questionnaires, async (records) => {
      const written = await questionnaires
        .find({ revision: { $exists: true } }, { projection: KEY, maxTimeMS: READ_LIMIT_MS })
        .toArray();
      const own = new Set(written.map(keyOf));
      const shipped = records.filter((version) => !own.has(keyOf(version)));
      await questionnaires.bulkWrite(
        shipped.map((version) => ({
          // Not replaced: a state that was given to it on a page stays.
          updateOne: { filter: { id: version.id, version: version.version }, update: { $set: version }, upsert: true },
        })),
      );
    });
  }

  /** Reads the catalogue into memory; the lookups below answer from there. */
  async open(): Promise<void> {
    const { units, scales } = this.collections;
    const read = { projection: { _id: 0 }, maxTimeMS: READ_LIMIT_MS };
    this.shippedUnits = await units.find<Unit>({}, read).sort({ code: 1, validFrom: 1 }).toArray();
    this.setUnits(await readOfficeUnits(this.connection));
    await this.readQuestionnaires();
    for (const scale of await scales.find<Scale>({}, read).sort({ id: 1 }).toArray()) {
      this.scales.set(scale.id, localizeScale(scale, this.localize));
    }
    this.gradeTables = await readGradeTables(this.connection);
  }

  private setUnits(imported: readonly OfficeUnit[]): void {
    this.knownUnits = JSON.stringify(imported);
    this.unitVersions = unitHistories(this.shippedUnits, imported);
    const present = [...this.unitVersions.values()].map((versions) => versions[versions.length - 1]);
    const withParent = present.flatMap((unit) => (unit?.parent ? [{ code: unit.code, parent: unit.parent }] : []));
    this.children.clear();
    for (const [parent, below] of groupBy(withParent, (unit) => unit.parent)) {
      this.children.set(
        parent,
        below.map(({ code }) => code),
      );
    }
  }

  /**
   * Reads grade tables again, and imported units and published questionnaires where the database holds others than are
   * known here.
   */
  async refresh(): Promise<void> {
    this.gradeTables = await readGradeTables(this.connection);
    const imported = await readOfficeUnits(this.connection);
    if (JSON.stringify(imported) !== this.knownUnits) this.setUnits(imported);
    const present = await this.collections.questionnaires
      .find(PUBLISHED, { projection: { ...KEY, state: 1 }, maxTimeMS: READ_LIMIT_MS })
      .toArray();
    if (present.map(stateKeyOf).sort().join() !== this.known) await this.readQuestionnaires();
  }

  /** Makes sure that versions which another process may have published meanwhile are known here, if there are such. */
  async know(named: readonly { readonly questionnaire: string; readonly version: number }[]): Promise<void> {
    const isUnknown = named.some(({ questionnaire, version }) => !this.questionnaire(questionnaire, version));
    if (isUnknown) await this.refresh();
  }

  private async readQuestionnaires(): Promise<void> {
    const records = await this.collections.questionnaires
      .find(PUBLISHED, { maxTimeMS: READ_LIMIT_MS })
      .sort({ id: 1, version: 1 })
      .toArray();
    group(
      this.questionnaireVersions,
      records.map((record) => this.localized(record)),
      ({ id }) => id,
    );
    this.retired.clear();
    for (const { id, state } of records) {
      if (state === 'retired') this.retired.add(id);
      else this.retired.delete(id);
    }
    this.known = records.map(stateKeyOf).sort().join();
  }

  /** A version with its texts in the languages that are known for them. */
  localized(record: QuestionnaireRecord): Questionnaire {
    // What an administrator wrote in a language is what was meant.
    const ownFirst: Localize = (text) => ({ ...this.localize(text), ...text });
    return localizeQuestionnaire(contentOf(record), record.revision === undefined ? this.localize : ownFirst);
  }

  /** The unit as it was on a local day, today where none is given; its first version when it did not exist yet. */
  unit(code: string, day = localDay(this.now())): Unit | undefined {
    const versions = this.unitVersions.get(code);
    return versions?.findLast(({ validFrom }) => validFrom <= day) ?? versions?.[0];
  }

  /** Every version of a unit, oldest first; empty when there is none of that code. */
  unitVersionsOf(code: string): readonly Unit[] {
    return this.unitVersions.get(code) ?? [];
  }

  /** Whether a version of a unit comes with the product. */
  isShipped({ code, validFrom }: Pick<Unit, 'code' | 'validFrom'>): boolean {
    return this.shippedUnits.some((unit) => unit.code === code && unit.validFrom === validFrom);
  }

  /** "Phường Hóa Châu": kind and name as they were on that day. */
  unitName(code: string, day?: string): string {
    const unit = this.unit(code, day);
    return unit ? `${UNIT_KIND_NAMES[unit.kind]} ${unit.name}` : code;
  }

  /** Codes of the units directly below; without a code, the provinces. */
  unitsBelow(code: string | null): readonly string[] {
    if (code !== null) return this.children.get(code) ?? [];
    return [...this.unitVersions].flatMap(([key, [first]]) => (first?.parent === null ? [key] : []));
  }

  /**
   * Codes of the units, at most {@link MAX_FOUND}, whose present name with its kind holds the text, however its tones
   * are placed and with or without diacritics; all below `parent` if one is named.
   */
  searchUnits(text: string, parent?: string): string[] {
    const wanted = foldText(text);
    const within = parent === undefined ? [...this.unitVersions.keys()] : this.unitsBelow(parent);
    return within.filter((code) => foldText(this.unitName(code)).includes(wanted)).slice(0, MAX_FOUND);
  }

  /** Newest version of each questionnaire. */
  questionnaires(): readonly Questionnaire[] {
    return [...this.questionnaireVersions.values()].flatMap((versions) => versions.slice(-1));
  }

  /** Newest version of each questionnaire that is not retired: what may be chosen for kiosks and tickets. */
  offered(): readonly Questionnaire[] {
    return this.questionnaires().filter(({ id }) => !this.isRetired(id));
  }

  isRetired(id: string): boolean {
    return this.retired.has(id);
  }

  /** Every published version of one questionnaire, oldest first; empty when there is none of that id. */
  versions(id: string): readonly Questionnaire[] {
    return this.questionnaireVersions.get(id) ?? [];
  }

  /** One version, or the newest when none is named. */
  questionnaire(id: string, version?: number): Questionnaire | undefined {
    const versions = this.versions(id);
    return version === undefined ? versions.at(-1) : versions.find((known) => known.version === version);
  }

  /** @throws when no such scale was loaded, which the loading of questionnaires rules out */
  scale(id: string): Scale {
    const scale = this.scales.get(id);
    if (!scale) throw new Error(`No scale ${id} in the catalogue`);
    return scale;
  }

  /** Every scale, in the order of their ids. */
  allScales(): readonly Scale[] {
    return [...this.scales.values()];
  }

  /** The scales that some questionnaire uses, in the order of their ids. */
  scalesInUse(): readonly Scale[] {
    const used = new Set([...this.questionnaireVersions.values()].flat().map(({ scale }) => scale));
    return [...this.scales.values()].filter(({ id }) => used.has(id));
  }

  /** Every text of the newest questionnaires and their scales. */
  texts(): ReturnType<typeof catalogueTexts> {
    return catalogueTexts(this.questionnaires(), this.scalesInUse());
  }

  /** Every grade table, by id. */
  allGradeTables(): readonly GradeTableHistory[] {
    return [...this.gradeTables.values()];
  }

  hasGradeTable(id: string): boolean {
    return this.gradeTables.has(id);
  }

  /** The version of a grade table that is in force on a local day, if there is one. */
  gradeTable(id: string, day: string): GradeTableVersion | undefined {
    return versionInForce(this.gradeTables.get(id)?.versions ?? [], day);
  }

  private async storeUnits(records: readonly Unit[]): Promise<void> {
    const { units } = this.collections;
    const any = await units.findOne({}, { projection: { _id: 1 }, maxTimeMS: READ_LIMIT_MS });
    try {
      // Into an empty collection at once: eight times as fast as looking for each.
      if (any === null) {
        await units.insertMany(
          records.map((unit) => ({ ...unit })),
          { ordered: false },
        );
        return;
      }
    } catch (error) {
      // Another process that starts stores them as well.
      if (duplicatePositions(error) === null) throw error;
    }
    await units.bulkWrite(records.map((unit) => replacement({ code: unit.code, validFrom: unit.validFrom }, unit)));
  }

  private async store<T>(
    name: string,
    part: Part<T>,
    write: (records: readonly T[]) => Promise<unknown>,
  ): Promise<void> {
    const load = await this.collections.loads.findOne({ _id: name }, { maxTimeMS: READ_LIMIT_MS });
    if (load?.fingerprint === part.fingerprint) return;
    await write(part.records);
    await this.collections.loads.updateOne(
      { _id: name },
      { $set: { fingerprint: part.fingerprint } },
      { upsert: true },
    );
  }
}

const KEY = { _id: 0, id: 1, version: 1 } as const;

function keyOf({ id, version }: Pick<Questionnaire, 'id' | 'version'>): string {
  return `${id}|${version}`;
}

function stateKeyOf({ state, ...key }: Pick<QuestionnaireRecord, 'id' | 'version' | 'state'>): string {
  return `${keyOf(key)}|${state ?? 'published'}`;
}

/** A stored version without what only its maker's pages need. */
export function contentOf(record: QuestionnaireRecord): Questionnaire {
  const { id, version, title, source, scale, headline, factors, items, reasons, demographics } = record;
  return { id, version, title, source, scale, headline, factors, items, reasons, demographics };
}

function replacement<F, T>(filter: F, record: T) {
  return { replaceOne: { filter, replacement: record, upsert: true } };
}

function group<T>(into: Map<string, readonly T[]>, records: readonly T[], keyOf: (record: T) => string): void {
  into.clear();
  for (const [key, members] of groupBy(records, keyOf)) into.set(key, members);
}
