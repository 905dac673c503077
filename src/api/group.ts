/** The API group of every kind of ours, and the one version that is served. */
export const group = 'transship.dev';
export const version = 'v1alpha1';
export const apiVersion = `${group}/${version}`;

/** Where Transship itself runs. Its pods are never asked about and never moved. */
export const systemNamespace = 'transship-system';

/** Nothing is moved out of these without being asked for by name; the webhooks pass them by, too. */
export const untouchedNamespaces: readonly string[] = ['kube-system', systemNamespace];
