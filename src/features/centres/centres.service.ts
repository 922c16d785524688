import type { Connection, Model } from 'mongoose';
import { z } from 'zod';
import type { Clock } from '../../clock.js';
import { isDuplicateKey } from '../../database/duplicate-key.js';
import { ConflictError, ValidationError } from '../../errors.js';
import type { CatalogueService } from '../catalogue/catalogue.service.js';
import { fieldErrors } from '../validation.js';
import { CENTRE_LEVELS, centreModel, type Centre, type CentreRecord } from './centres.model.js';

/** Codes of centres, kiosks and the like: short, without spaces, safe in addresses and file names. */
export const CODE_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$/;
export const CODE_RULE = '1 to 32 letters, digits, ".", "_" or "-", starting with a letter or digit';

const newCentre = z.strictObject({
  code: z.string().regex(CODE_PATTERN, `must be ${CODE_RULE}`),
  name: z.string().trim().min(1, 'is required').max(200, 'must be at most 200 characters'),
  unit: z.string(),
  level: z.enum(CENTRE_LEVELS, `must be one of ${CENTRE_LEVELS.join(', ')}`).optional(),
  synthetic: z.boolean().optional(),
});
export type NewCentre = z.input<typeof newCentre>;

export class CentreService {
  private readonly centres: Model<CentreRecord>;

  constructor(
    connection: Connection,
    private readonly catalogue: CatalogueService,
    private readonly now: Clock,
  ) {
    this.centres = centreModel(connection);
  }

  /**
   * Adds a centre. The level defaults to its unit's: a province or a commune.
   * @throws ValidationError, or ConflictError when the code is taken
   */
  async add(input: NewCentre): Promise<Centre> {
    const { code, level, synthetic, ...rest } = this.validated(input);
    const centre: CentreRecord = {
      _id: code,
      ...rest,
      level: level ?? (this.catalogue.unit(rest.unit)?.parent === null ? 'province' : 'commune'),
      ...(synthetic ? { synthetic } : {}),
      createdAt: this.now(),
    };
    try {
      await this.centres.create(centre);
    } catch (error) {
      if (isDuplicateKey(error)) throw new ConflictError('centre-exists', `There is a centre ${code} already.`);
      throw error;
    }
    return asCentre(centre);
  }

  async find(code: string): Promise<Centre | null> {
    const record = await this.centres.findById(code).lean();
    return record && asCentre(record);
  }

  /** The centres of these units, or every centre for 'all'; by code. */
  async inUnits(units: readonly string[] | 'all'): Promise<Centre[]> {
    const filter = units === 'all' ? {} : { unit: { $in: units } };
    const records = await this.centres.find(filter).sort({ _id: 1 }).lean();
    return records.map(asCentre);
  }

  private validated(input: NewCentre) {
    const parsed = newCentre.safeParse(input);
    if (!parsed.success) throw new ValidationError(fieldErrors(parsed.error));
    if (!this.catalogue.unit(parsed.data.unit)) {
      throw new ValidationError([{ path: 'unit', message: `there is no unit ${parsed.data.unit}` }]);
    }
    return parsed.data;
  }
}

function asCentre({ _id, name, unit, level, synthetic }: CentreRecord): Centre {
  return { code: _id, name, unit, level, ...(synthetic ? { synthetic } : {}) };
}
