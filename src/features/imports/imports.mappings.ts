import type { Connection } from 'mongoose';
import { READ_LIMIT_MS } from '../../database/connect.js';
import type { ImportKind } from './file-imports.service.js';
import type { ColumnMapping } from './imports.columns.js';

/** What an account last said the columns of one kind of file stand for. */
interface MappingRecord {
  /** Kind and account. */
  readonly _id: string;
  /** In pairs, since a column may be named anything, and a field of a document may not. */
  readonly columns: readonly { readonly column: string; readonly as: string }[];
}

/** Remembers what the columns of people's own files stand for. */
export class ColumnMappings {
  constructor(private readonly connection: Connection) {}

  /** Empty for an account that has imported nothing of this kind. */
  async of(account: string, kind: ImportKind): Promise<ColumnMapping> {
    const found = await this.records().findOne({ _id: idOf(account, kind) }, { maxTimeMS: READ_LIMIT_MS });
    return new Map(found?.columns.map(({ column, as }) => [column, as]));
  }

  async remember(account: string, kind: ImportKind, mapping: ColumnMapping): Promise<void> {
    const columns = [...mapping].map(([column, as]) => ({ column, as }));
    await this.records().replaceOne({ _id: idOf(account, kind) }, { columns }, { upsert: true });
  }

  private records() {
    return this.connection.collection<MappingRecord>('import_mappings');
  }
}

function idOf(account: string, kind: ImportKind): string {
  return `${kind} ${account}`;
}
