import type { Scale } from '../../domain/scale.js';
import type { OnTimeCounts } from '../reports/on-time.rows.js';
import type { PlaceScore } from '../tthc-score/tthc-score.service.js';
import type { ReportRow } from '../reports/reports.types.js';

/** The answers of one agency on one scale; scales are never pooled (invariant 6). */
export interface ScaleFigures {
  readonly scale: Scale;
  readonly row: ReportRow;
}

/** What the system knows of one agency and period; all else on a form is for people to fill in. */
export interface AgencyFigures {
  readonly name: string;
  /** Forms, of whatever scale. */
  readonly forms: number;
  /** Only scales that were answered on. */
  readonly scales: readonly ScaleFigures[];
  /** Null where no dossier was returned in the period, or none is known. */
  readonly dossiers: OnTimeCounts | null;
  /** Null where the installation does without, or the agency is not one unit or centre. */
  readonly score: PlaceScore | null;
}

export interface FormFigures {
  readonly agency: AgencyFigures;
  /** The agency's centres, in the order of their codes. */
  readonly centres: readonly AgencyFigures[];
  /** The period in words, 'Quý IV/2026'. */
  readonly period: string;
  /** Everything received before is counted. */
  readonly asOf: Date;
  /** Local day on which the form is made. */
  readonly day: string;
}
