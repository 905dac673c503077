/** One warning as a header has it: a code, who warns, and the text in quotes. */
const warning = /\b(\d{3}) \S+ "((?:[^"\\]|\\.)*)"/g;

/** The only code that the API server uses: of a warning that stays until what it warns of has been changed. */
const persistent = '299';

/** What the API server and its webhooks have to say besides, out of the headers `Warning` of an answer (RFC 7234, 5.5). */
export const warningsIn = (headers: readonly string[]): readonly string[] =>
  headers
    .flatMap((header) => [...header.matchAll(warning)])
    .filter(([, code]) => code === persistent)
    .map(([, , text = '']) => text.replace(/\\(.)/g, '$1'));
