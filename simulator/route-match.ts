/** What a table of routes says of each route. */
export interface RouteShape {
  /** Name of the operation in the API's description. */
  readonly operation: string;
  readonly method: string;
  /** Path below the version, parameters in braces: "/contacts/{identifier}". */
  readonly template: string;
}

export interface Match<Route extends RouteShape> {
  readonly route: Route;
  /** Still percent-encoded. */
  readonly params: Record<string, string>;
}

/**
 * Finds the route for a method and a raw path below the version: `wrong_method` when the path exists for other
 * methods only, undefined when it does not exist.
 *
 * @param routes paths with fixed segments stand before those with a parameter in the same place
 */
export function matcher<Route extends RouteShape>(routes: readonly Route[]) {
  const compiled = routes.map((route) => ({ route, segments: route.template.split('/') }));
  return (method: string, path: string): Match<Route> | 'wrong_method' | undefined => {
    const parts = path.split('/');
    const fitting = compiled.flatMap(({ route, segments }) => {
      const params = paramsOf(segments, parts);
      return params === undefined ? [] : [{ route, params }];
    });
    const template = fitting[0]?.route.template;
    if (template === undefined) return undefined;
    return (
      fitting.find(({ route }) => route.template === template && route.method === method) ?? 'wrong_method'
    );
  };
}

function paramsOf(segments: readonly string[], parts: readonly string[]): Record<string, string> | undefined {
  if (segments.length !== parts.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, segment] of segments.entries()) {
    const part = parts[index] ?? '';
    if (segment.startsWith('{') && part !== '') params[segment.slice(1, -1)] = part;
    else if (segment !== part) return undefined;
  }
  return params;
}
