import { z } from 'zod';
import { METHODS, References, type ApiDescription, type Content, type Operation } from './api-docs.file.js';

export interface FieldView {
  readonly name: string;
  readonly required: boolean;
  readonly type: string;
  readonly about: string;
}

export interface ExampleView {
  readonly title: string;
  readonly text: string;
}

export interface OperationView {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly summary: string;
  readonly description: string;
  readonly parameters: readonly FieldView[];
  readonly body: readonly FieldView[];
  readonly requests: readonly ExampleView[];
  readonly answers: readonly {
    readonly status: string;
    readonly about: string;
    readonly type: string;
    readonly fields: readonly FieldView[];
    readonly examples: readonly ExampleView[];
  }[];
}

export interface ApiPage {
  readonly intro: readonly string[];
  readonly groups: readonly {
    readonly id: string;
    readonly name: string;
    readonly about: string;
    readonly operations: readonly OperationView[];
  }[];
}

const schemaShape = z.looseObject({
  type: z.union([z.string(), z.array(z.string())]).optional(),
  enum: z.array(z.unknown()).optional(),
  format: z.string().optional(),
  description: z.string().optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  required: z.array(z.string()).default([]),
  items: z.unknown().optional(),
  oneOf: z.array(z.unknown()).optional(),
  additionalProperties: z.unknown().optional(),
});

/** How deep the fields of a body are listed; what lies deeper shows in its example. */
const MAX_DEPTH = 4;

/** What a reader of the API sees, made of its description alone. */
export function apiPage(description: ApiDescription): ApiPage {
  const references = new References(description);
  const base = description.servers[0].url;
  const tagged = (method: string, path: string, operation: Operation) => ({
    tag: operation.tags[0],
    view: operationView(method, path, operation, references),
  });
  const operations = [
    ...Object.entries(description.paths).flatMap(([path, methods]) =>
      METHODS.flatMap((method) => (methods[method] ? [tagged(method, base + path, methods[method])] : [])),
    ),
    ...Object.entries(description.webhooks).map(([event, { post }]) => tagged('post', event, post)),
  ];
  return {
    intro: paragraphs(description.info.description),
    groups: description.tags.map(({ name, description: about }) => ({
      id: name.toLowerCase(),
      name,
      about,
      operations: operations.filter(({ tag }) => tag === name).map(({ view }) => view),
    })),
  };
}

function operationView(method: string, path: string, operation: Operation, references: References): OperationView {
  const { operationId, summary, description, requestBody } = operation;
  return {
    id: operationId,
    method: method.toUpperCase(),
    path,
    summary,
    description,
    parameters: operation.parameters.map((part) => {
      const { name, required, description: about, schema } = references.parameter(part);
      return { name, required, about, type: typeText(schema, references) };
    }),
    body: fieldsOf(firstMedia(requestBody?.content)?.schema, references),
    requests: examplesOf(requestBody?.content, references),
    answers: Object.entries(operation.responses).map(([status, part]) => {
      const answer = references.answer(part);
      const type = Object.keys(answer.content ?? {})[0] ?? '';
      const fields = status.startsWith('2') ? fieldsOf(firstMedia(answer.content)?.schema, references) : [];
      return { status, about: answer.description, type, fields, examples: examplesOf(answer.content, references) };
    }),
  };
}

function firstMedia(content: Content) {
  return Object.values(content ?? {})[0];
}

function examplesOf(content: Content, references: References): ExampleView[] {
  const { example, examples = {} } = firstMedia(content) ?? {};
  const named = Object.values(examples).map((part) =>
    z.looseObject({ summary: z.string(), value: z.unknown() }).parse(references.follow(part)),
  );
  return [
    ...(example === undefined ? [] : [{ title: '', text: json(example) }]),
    ...named.map(({ summary, value }) => ({ title: summary, text: json(value) })),
  ];
}

/** The fields of an object by their paths, such as `rows[].rates.satisfied`. */
function fieldsOf(schema: unknown, references: References, prefix = '', depth = 0): FieldView[] {
  const parsed = schemaShape.safeParse(references.follow(schema));
  if (!parsed.success || depth > MAX_DEPTH) return [];
  const { properties = {}, required, items, oneOf } = parsed.data;
  if (items !== undefined) return fieldsOf(items, references, `${prefix}[]`, depth);
  if (oneOf) return fieldsOf(oneOf[0], references, prefix, depth);
  return Object.entries(properties).flatMap(([name, field]) => {
    const path = prefix === '' ? name : `${prefix}.${name}`;
    const { description: about = '' } = schemaShape.parse(references.follow(field));
    const own = { name: path, required: required.includes(name), type: typeText(field, references), about };
    return [own, ...fieldsOf(field, references, path, depth + 1)];
  });
}

/** 'integer', 'string (date)', 'centre | unit', 'list of object'. */
function typeText(schema: unknown, references: References): string {
  const parsed = schemaShape.safeParse(references.follow(schema));
  if (!parsed.success) return '';
  const { type = 'object', enum: values, format, items, oneOf } = parsed.data;
  if (values) return values.map(String).join(' | ');
  if (oneOf) return [...new Set(oneOf.map((part) => typeText(part, references)))].join(' | ');
  if (items !== undefined) return `list of ${typeText(items, references)}`;
  const names = typeof type === 'string' ? type : type.join(' | ');
  return format === undefined ? names : `${names} (${format})`;
}

function paragraphs(text: string): string[] {
  return text.split(/\n\s*\n/).map((paragraph) => paragraph.replace(/\s*\n\s*/g, ' ').trim());
}

function json(value: unknown): string {
  return JSON.stringify(value, null, 2);
}
