/** What -o may be where an object, and no table, is printed. */
export type DataFormat = 'json' | 'yaml';

/** As kubectl prints it; the yaml parser is loaded only where it is needed. */
export const dataText = async (data: unknown, format: DataFormat): Promise<string> => {
  if (format === 'json') return JSON.stringify(data, null, 4);
  const { stringify } = await import('yaml');
  // kubectl reads YAML 1.1, in which a bare `yes` is a boolean.
  return stringify(data, { version: '1.1', aliasDuplicateObjects: false, lineWidth: 0 }).trimEnd();
};
