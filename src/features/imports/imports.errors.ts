/** What can be wrong with an import file as a whole. */
export type FileProblem =
  | 'empty'
  | 'too-many-columns'
  | 'broken-header'
  | 'columns-twice'
  | 'columns-unknown'
  | 'columns-missing'
  | 'row'
  | 'not-xlsx'
  | 'xlsx-large';

/** The file as a whole cannot be read. */
export class ImportFileError extends Error {
  /** @param columns those it is about */
  constructor(
    readonly problem: FileProblem,
    message: string,
    readonly columns: readonly string[] = [],
  ) {
    super(message);
  }
}
