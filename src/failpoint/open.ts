import { type FailPoints, inert } from './fail-points.ts';
import { askingFailPoints, type Reporter } from './http.ts';

/** @param url of the harness; only the overlay of the tests of faults sets it. */
export const openFailPoints = (url: string | undefined, who: Reporter): FailPoints =>
  url === undefined ? inert : askingFailPoints(url, who);
