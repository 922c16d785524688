import { Doc, type Value } from '../bson/values.js';
import { MongoError } from '../errors.js';
import { PAUSE } from '../query/execute.js';
import { compileAccumulator, type Gathering } from './accumulators.js';
import type { Stage, StageCompiler } from './stage.js';

interface Group {
  readonly id: Value | undefined;
  readonly gatherings: readonly Gathering[];
}

/** The field of an `_id` that is a document of one: unlike one of several it is null, not left out, when it is missing. */
function onlyFieldOf(spec: Value): string | undefined {
  const [name] = spec instanceof Doc && spec.size === 1 ? [...spec.entries()].map(([key]) => key) : [];
  return name?.startsWith('$') === true ? undefined : name;
}

/** Groups longer than this many documents between two pauses let others run. */
export const groupStage: StageCompiler = (argument, { scope }) => {
  if (!(argument instanceof Doc)) throw new MongoError(15947, "a group's fields must be specified in an object");
  const idSpec = argument.get('_id');
  if (idSpec === undefined) throw new MongoError(15955, 'a group specification must include an _id');
  const id = scope.compile(idSpec);
  const onlyField = onlyFieldOf(idSpec);
  const idOf = (value: Value | undefined): Value | undefined =>
    onlyField !== undefined && value instanceof Doc && value.size === 0 ? Doc.from([[onlyField, null]]) : value;
  const fields = [...argument.entries()]
    .filter(([name]) => name !== '_id')
    .map(([name, spec]) => {
      if (name.includes('.')) throw new MongoError(40235, `The field name '${name}' cannot contain '.'`);
      if (name.startsWith('$')) throw new MongoError(40236, `The field name '${name}' cannot be an operator name`);
      return { name, accumulator: compileAccumulator(name, spec, scope) };
    });
  const stage: Stage = function* (input) {
    const groups = new Map<string, Group>();
    for (const doc of input) {
      if (doc === PAUSE) {
        yield doc;
        continue;
      }
      const value = idOf(id(doc));
      const key = scope.identity(value ?? null);
      let group = groups.get(key);
      if (!group) {
        group = { id: value, gatherings: fields.map(({ accumulator }) => accumulator()) };
        groups.set(key, group);
      }
      for (const gathering of group.gatherings) gathering.add(doc);
    }
    for (const group of groups.values()) {
      const result = Doc.from([['_id', group.id ?? null]]);
      fields.forEach(({ name }, i) => {
        const value = group.gatherings[i]?.result();
        if (value !== undefined) result.set(name, value);
      });
      yield result;
    }
  };
  return stage;
};
