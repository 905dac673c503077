/** So many names as a sentence can bear, and how many there are besides. */
export const shortList = (names: readonly string[], most: number): string =>
  names.length > most ? `${names.slice(0, most).join(', ')} and ${names.length - most} more` : names.join(', ');
