import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';

export const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

const ref = z.strictObject({ $ref: z.string() });
const media = z.looseObject({
  schema: z.unknown().optional(),
  example: z.unknown().optional(),
  examples: z.record(z.string(), z.unknown()).optional(),
});
const content = z.record(z.string(), media).optional();
const parameter = z.looseObject({
  name: z.string(),
  in: z.enum(['query', 'path', 'header']),
  description: z.string(),
  required: z.boolean().default(false),
  schema: z.unknown(),
  example: z.unknown().optional(),
});
const answer = z.looseObject({ description: z.string(), content });
const operation = z.looseObject({
  operationId: z.string(),
  tags: z.tuple([z.string()]),
  summary: z.string(),
  description: z.string(),
  parameters: z.array(z.union([ref, parameter])).default([]),
  requestBody: z.looseObject({ content }).optional(),
  responses: z.record(z.string(), z.union([ref, answer])),
  security: z.array(z.unknown()).optional(),
});
const description = z.looseObject({
  info: z.looseObject({ title: z.string(), version: z.string(), description: z.string() }),
  servers: z.tuple([z.looseObject({ url: z.string() })]),
  tags: z.array(z.strictObject({ name: z.string(), description: z.string() })),
  paths: z.record(z.string(), z.partialRecord(z.enum(METHODS), operation)),
  /** What this server sends by itself, by the name of the event. */
  webhooks: z.record(z.string(), z.strictObject({ post: operation })).default({}),
});

export type ApiDescription = z.infer<typeof description>;
export type Operation = z.infer<typeof operation>;
export type Parameter = z.infer<typeof parameter>;
export type Answer = z.infer<typeof answer>;
export type Content = z.infer<typeof content>;

/** The description of the API as it is kept, and as it is read. */
export interface ApiDocument {
  readonly yaml: string;
  /** The same as JSON, whole. */
  readonly json: string;
  readonly description: ApiDescription;
}

/** Reads `docs/openapi.yaml`. @throws ZodError when an operation lacks what a reader needs */
export function readApiDocument(file: string): ApiDocument {
  const yaml = readFileSync(file, 'utf8');
  const document: unknown = parse(yaml);
  return { yaml, json: JSON.stringify(document), description: description.parse(document) };
}

/** What parts of the description point to. */
export class References {
  constructor(private readonly root: unknown) {}

  parameter(part: z.infer<typeof ref> | Parameter): Parameter {
    return parameter.parse(this.follow(part));
  }

  answer(part: z.infer<typeof ref> | Answer): Answer {
    return answer.parse(this.follow(part));
  }

  /** The part itself, or what it points to. @throws RangeError when there is no such place */
  follow(part: unknown): unknown {
    const pointing = ref.safeParse(part);
    if (!pointing.success) return part;
    const names = pointing.data.$ref.replace(/^#\//, '').split('/');
    return this.follow(names.reduce<unknown>((found, name) => memberOf(found, name), this.root));
  }
}

function memberOf(holder: unknown, name: string): unknown {
  const members = z.record(z.string(), z.unknown()).safeParse(holder);
  if (!members.success || !Object.hasOwn(members.data, name)) throw new RangeError(`Nothing is described at ${name}`);
  return members.data[name];
}
