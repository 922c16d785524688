import { Doc } from '../bson/values.js';
import { MongoError } from '../errors.js';
import { bucketAutoStage, bucketStage } from './buckets.js';
import { densifyStage, fillStage } from './fill.js';
import {
  countStage,
  limitStage,
  matchStage,
  redactStage,
  sampleStage,
  skipStage,
  sortByCountStage,
  sortStage,
} from './flow.js';
import { groupStage } from './group.js';
import { facetStage, graphLookupStage, lookupStage, unionWithStage } from './join.js';
import { addFieldsStage, projectStage, replaceRootStage, replaceWith, unsetStage, unwindStage } from './shape.js';
import type { StageCompiler } from './stage.js';
import { setWindowFieldsStage } from './windows.js';

const documentsStage: StageCompiler = (argument, { scope }) => {
  const list = scope.compile(argument);
  return function* () {
    const docs = list(Doc.from());
    if (!Array.isArray(docs)) throw new MongoError(5858203, '$documents requires an array of documents');
    for (const doc of docs) {
      if (!(doc instanceof Doc)) throw new MongoError(40228, '$documents elements must be objects');
      yield doc;
    }
  };
};

/** All stages by name, except those that write. */
export const STAGES: ReadonlyMap<string, StageCompiler> = new Map<string, StageCompiler>([
  ['$match', matchStage],
  ['$sort', sortStage],
  ['$limit', limitStage],
  ['$skip', skipStage],
  ['$count', countStage],
  ['$sample', sampleStage],
  ['$redact', redactStage],
  ['$sortByCount', sortByCountStage],
  ['$project', projectStage],
  ['$unset', unsetStage],
  ['$addFields', addFieldsStage],
  ['$set', addFieldsStage],
  ['$replaceRoot', replaceRootStage],
  ['$replaceWith', (argument, { scope }) => replaceWith(scope.compile(argument), '$replaceWith')],
  ['$unwind', unwindStage],
  ['$group', groupStage],
  ['$lookup', lookupStage],
  ['$graphLookup', graphLookupStage],
  ['$unionWith', unionWithStage],
  ['$facet', facetStage],
  ['$documents', documentsStage],
  ['$bucket', bucketStage],
  ['$bucketAuto', bucketAutoStage],
  ['$setWindowFields', setWindowFieldsStage],
  ['$fill', fillStage],
  ['$densify', densifyStage],
]);
