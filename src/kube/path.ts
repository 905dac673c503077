import type { KubeObject } from '../api/metadata.ts';
import type { Resource } from '../api/resource.ts';
import type { Selection } from './api.ts';

interface Place {
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  readonly subresource?: string | undefined;
}

type Query = Readonly<Record<string, string | number | boolean | undefined>>;

const searchOf = (query: Query): string => {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query))
    if (value !== undefined && value !== '') search.set(key, String(value));
  const text = search.toString();
  return text === '' ? '' : `?${text}`;
};

const segments = (...names: readonly (string | undefined)[]): string =>
  names.map((name) => (name ? `/${encodeURIComponent(name)}` : '')).join('');

/** Where the API server keeps a resource, for example `/apis/transship.dev/v1alpha1/namespaces/default/migrations/web`. */
export const pathOf = <T extends KubeObject>(resource: Resource<T>, place: Place, query: Query = {}): string => {
  const root =
    resource.group === '' ? segments('api', resource.version) : segments('apis', resource.group, resource.version);
  const scope = resource.namespaced && place.namespace ? segments('namespaces', place.namespace) : '';
  return root + scope + segments(resource.plural, place.name, place.subresource) + searchOf(query);
};

export const selectionQuery = (selection: Selection): Query => ({
  labelSelector: selection.labelSelector,
  fieldSelector: selection.fieldSelector,
});
