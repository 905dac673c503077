/** Before kube-proxy chooses an endpoint (dstnat), and before it masquerades (srcnat). */
export const beforeServices = -110;
export const beforeMasquerading = 90;

/** One transaction: a table of that name that was there before is replaced, and no packet meets half of either. */
export const replacing = (name: string, content: readonly string[]): string =>
  [`add table ip ${name}`, `delete table ip ${name}`, `table ip ${name} {`, ...content, '}', ''].join('\n');
