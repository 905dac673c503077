type Rows = readonly (readonly string[])[];

/**
 * Rows as lines, each column as wide as its widest cell, as kubectl prints them:
 * three spaces between, none at the end.
 *
 * @param others have room in the columns too, and are not printed.
 */
export const columns = (rows: Rows, others: Rows = []): readonly string[] => {
  const all = [...rows, ...others];
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('   ')
      .trimEnd(),
  );
};
