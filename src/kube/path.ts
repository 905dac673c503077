import type { KubeObject } from '../api/metadata.ts';
import type { Resource } from '../api/resource.ts';
import type { Selection } from './api.ts';

interface Place {
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  readonly subresource?: string | undefined;
}

type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** Where the API server keeps a resource, for example `/apis/transship.dev/v1alpha1/namespaces/default/migrations/web`. */
export const pathOf = <T extends KubeObject>(resource: Resource<T>, place: Place, query: Query = {}): string => {
  const root = resource.group === '' ? `/api/${resource.version}` : `/apis/${resource.group}/${resource.version}`;
  const scope = resource.namespaced && place.namespace ? `/namespaces/${encodeURIComponent(place.namespace)}` : '';
  const name = place.name ? `/${encodeURIComponent(place.name)}` : '';
  const subresource = place.subresource ? `/${place.subresource}` : '';
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query))
    if (value !== undefined && value !== '') search.set(key, String(value));
  const text = search.toString();
  return `${root}${scope}/${resource.plural}${name}${subresource}${text === '' ? '' : `?${text}`}`;
};

export const selectionQuery = (selection: Selection): Query => ({
  labelSelector: selection.labelSelector,
  fieldSelector: selection.fieldSelector,
});
