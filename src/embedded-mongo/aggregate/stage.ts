import type { Doc, Value } from '../bson/values.js';
import type { Scope } from '../expression/compile.js';
import type { QueryContext } from '../query/context.js';
import type { Stream } from '../query/execute.js';

/** One stage of a pipeline. */
export type Stage = (input: Stream<Doc>) => Stream<Doc>;

/** What stages need beside the documents that come in. */
export interface PipelineContext {
  readonly database: string;
  readonly scope: Scope;
  readonly query: QueryContext;
  /** The documents of another collection through a pipeline of its own, with more variables. */
  readonly from: (collection: string, pipeline: readonly Value[], scope: Scope, database?: string) => Stream<Doc>;
  /** A pipeline inside this one, on documents given. */
  readonly compile: (pipeline: readonly Value[], scope: Scope) => Stage;
}

/** Compiles one stage from its argument. */
export type StageCompiler = (argument: Value, context: PipelineContext) => Stage;
