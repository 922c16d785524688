import type { AnyBulkWriteOperation } from 'mongodb';
import type { Connection, Model } from 'mongoose';
import { groupBy } from '../../domain/group-by.js';
import type { GradeTable } from '../../domain/grades.js';
import type { Questionnaire } from '../../domain/questionnaire.js';
import type { Scale } from '../../domain/scale.js';
import { catalogueModels, type CatalogueModels, type Unit, type UnitKind } from './catalogue.model.js';
import { readCatalogueFiles, type Part } from './catalogue.files.js';

/** The word that stands before a unit's name. */
export const UNIT_KIND_NAMES: Readonly<Record<UnitKind, string>> = {
  tinh: 'Tỉnh',
  'thanh-pho': 'Thành phố',
  xa: 'Xã',
  phuong: 'Phường',
  'dac-khu': 'Đặc khu',
};

/**
 * Units, questionnaires, scales and grade tables. They are few and a published version never changes, so they are
 * read once and kept; the database stays their home.
 */
export class CatalogueService {
  private readonly models: CatalogueModels;
  private readonly unitVersions = new Map<string, readonly Unit[]>();
  private readonly children = new Map<string, readonly string[]>();
  private readonly questionnaireVersions = new Map<string, readonly Questionnaire[]>();
  private readonly scales = new Map<string, Scale>();
  private readonly gradeTables = new Map<string, GradeTable>();

  constructor(connection: Connection) {
    this.models = catalogueModels(connection);
  }

  /** Stores what the files of `directory` hold and the database lacks; the same files again change nothing. */
  async loadFiles(directory: string): Promise<void> {
    const files = await readCatalogueFiles(directory);
    await this.store('units', files.units, this.models.units, ({ code, validFrom }) => ({ code, validFrom }));
    await this.store('scales', files.scales, this.models.scales, ({ id }) => ({ id }));
    await this.store('gradeTables', files.gradeTables, this.models.gradeTables, ({ id }) => ({ id }));
    await this.store('questionnaires', files.questionnaires, this.models.questionnaires, ({ id, version }) => ({
      id,
      version,
    }));
  }

  /** Reads the catalogue into memory; the lookups below answer from there. */
  async open(): Promise<void> {
    const plain = { _id: 0 } as const;
    const units: Unit[] = await this.models.units.find({}, plain).sort({ code: 1, validFrom: 1 }).lean();
    const questionnaires: Questionnaire[] = await this.models.questionnaires
      .find({}, plain)
      .sort({ id: 1, version: 1 })
      .lean();
    const scales: Scale[] = await this.models.scales.find({}, plain).sort({ id: 1 }).lean();
    const gradeTables: GradeTable[] = await this.models.gradeTables.find({}, plain).sort({ id: 1 }).lean();
    group(this.unitVersions, units, ({ code }) => code);
    group(this.questionnaireVersions, questionnaires, ({ id }) => id);
    for (const scale of scales) this.scales.set(scale.id, scale);
    for (const table of gradeTables) this.gradeTables.set(table.id, table);
    const present = [...this.unitVersions.values()].map((versions) => versions[versions.length - 1]);
    const withParent = present.flatMap((unit) => (unit?.parent ? [{ code: unit.code, parent: unit.parent }] : []));
    this.children.clear();
    for (const [parent, units] of groupBy(withParent, (unit) => unit.parent)) {
      this.children.set(
        parent,
        units.map(({ code }) => code),
      );
    }
  }

  /** The unit as it was on a local day; its newest version when it did not exist yet or no day is given. */
  unit(code: string, day?: string): Unit | undefined {
    const versions = this.unitVersions.get(code);
    if (!versions) return undefined;
    const then = day === undefined ? undefined : versions.findLast((unit) => unit.validFrom <= day);
    return then ?? (day === undefined ? versions[versions.length - 1] : versions[0]);
  }

  /** "Phường Hóa Châu": kind and name as they were on that day. */
  unitName(code: string, day?: string): string {
    const unit = this.unit(code, day);
    return unit ? `${UNIT_KIND_NAMES[unit.kind]} ${unit.name}` : code;
  }

  /** Codes of the units directly below; without a code, the provinces. */
  unitsBelow(code: string | null): readonly string[] {
    if (code !== null) return this.children.get(code) ?? [];
    return [...this.unitVersions.keys()].filter((key) => this.unit(key)?.parent === null);
  }

  /** Newest version of each questionnaire. */
  questionnaires(): readonly Questionnaire[] {
    return [...this.questionnaireVersions.values()].flatMap((versions) => versions.slice(-1));
  }

  /** Every version of one questionnaire, oldest first; empty when there is none of that id. */
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

  /** The scales that some questionnaire uses, in the order of their ids. */
  scalesInUse(): readonly Scale[] {
    const used = new Set([...this.questionnaireVersions.values()].flat().map(({ scale }) => scale));
    return [...this.scales.values()].filter(({ id }) => used.has(id));
  }

  private async store<T extends object>(
    name: string,
    part: Part<T>,
    model: Model<T>,
    keyOf: (record: T) => Record<string, string | number>,
  ): Promise<void> {
    const load = await this.models.loads.findById(name).lean();
    if (load?.fingerprint === part.fingerprint) return;
    const writes: AnyBulkWriteOperation[] = part.records.map((record) => ({
      replaceOne: { filter: keyOf(record), replacement: record, upsert: true },
    }));
    await model.collection.bulkWrite(writes);
    await this.models.loads.updateOne({ _id: name }, { fingerprint: part.fingerprint }, { upsert: true });
  }
}

function group<T>(into: Map<string, readonly T[]>, records: readonly T[], keyOf: (record: T) => string): void {
  into.clear();
  for (const [key, members] of groupBy(records, keyOf)) into.set(key, members);
}
