import { asText } from '../query/types.js';
import type { Doc, Value } from '../bson/values.js';
import { documentKeys, type DocumentKeys, type IndexField } from './index-keys.js';

/** Tells whether a document satisfies a filter. */
export type Predicate = (doc: Doc) => boolean;

/** One index of a collection, as the catalogue keeps it. */
export class Index {
  readonly fields: readonly IndexField[];
  readonly name: string;
  readonly unique: boolean;
  readonly sparse: boolean;
  readonly hidden: boolean;
  readonly expireAfterSeconds: number | undefined;
  readonly partialFilter: Doc | undefined;

  constructor(
    readonly id: number,
    /** The specification as `listIndexes` shows it. */
    readonly spec: Doc,
    readonly covers: Predicate,
    /** Some document has several keys: bounds on one field must not be combined. */
    public multikey: boolean,
    /** Some key was too long to keep whole: the order of the entries is not that of the values. */
    public hasLongKeys: boolean,
  ) {
    this.fields = indexFields(spec.get('key'));
    this.name = asText(spec.get('name'));
    this.unique = isTrue(spec.get('unique')) || this.name === '_id_';
    this.sparse = isTrue(spec.get('sparse'));
    this.hidden = isTrue(spec.get('hidden'));
    const seconds = spec.get('expireAfterSeconds');
    this.expireAfterSeconds = seconds === undefined ? undefined : Number(seconds);
    const filter = spec.get('partialFilterExpression');
    this.partialFilter = isDocument(filter) ? filter : undefined;
  }

  /** The keys the document has in this index; none when it is sparse or partial and leaves the document out. */
  keysOf(doc: Doc): DocumentKeys {
    if (this.partialFilter && !this.covers(doc)) return { keys: [], multikey: false };
    const found = documentKeys(doc, this.fields);
    if (!this.sparse) return found;
    return { ...found, keys: found.keys.filter((key) => key.values.some((value) => value !== undefined)) };
  }
}

const isTrue = (value: Value | undefined): boolean =>
  value === true || (typeof value !== 'boolean' && Number(value) > 0);
const isDocument = (value: Value | undefined): value is Doc =>
  typeof value === 'object' && value !== null && 'fields' in value;

function indexFields(key: Value | undefined): IndexField[] {
  if (!isDocument(key)) return [];
  return [...key.entries()].map(([path, direction]) => ({
    path,
    parts: path.split('.'),
    descending: Number(direction) < 0,
  }));
}
