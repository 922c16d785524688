import type { Express } from 'express';

/** What the router keeps of one `use` or one route; its types do not say. */
interface Layer {
  readonly rawPath: unknown;
  readonly route?: { readonly path: unknown; readonly methods: Readonly<Record<string, boolean>> };
  readonly handle: { readonly stack?: readonly Layer[] };
}

/** Every route an application answers, as `GET /path/:parameter`, sorted; each once. */
export function routesOf(app: Express): string[] {
  const { stack } = app.router as unknown as { readonly stack: readonly Layer[] };
  return [...new Set(stack.flatMap((layer) => routesBelow(layer, '')))].sort();
}

function routesBelow({ rawPath, route, handle }: Layer, base: string): string[] {
  if (route) {
    return pathsOf(route.path).flatMap((path) =>
      Object.keys(route.methods).map((method) => `${method.toUpperCase()} ${base}${path}`),
    );
  }
  const below = pathsOf(rawPath).map((path) => (path === '/' ? base : base + path));
  return (handle.stack ?? []).flatMap((layer) => below.flatMap((path) => routesBelow(layer, path)));
}

/** @throws Error for a path that is no text, which a table of routes could not name */
function pathsOf(path: unknown): string[] {
  const paths: readonly unknown[] = Array.isArray(path) ? path : [path];
  return paths.map((one) => {
    if (typeof one !== 'string') throw new Error(`A route with the path ${String(one)} cannot be named`);
    return one;
  });
}
