/** What of a hook's output is kept in the status, in bytes. */
export const mostOutput = 1_024;

/** C0 but for line feed and tab, DEL and C1: what could speak to the terminal of whoever reads the status. */
const harmful = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

const bytesOf = (text: string): number => new TextEncoder().encode(text).length;

/** Whatever a hook has said, as at most `mostOutput` bytes of text that can be shown. */
export const shownOutput = (bytes: Uint8Array, isCut: boolean): string => {
  const text = new TextDecoder().decode(bytes).replaceAll(harmful, '\uFFFD').trimEnd();
  if (!isCut && bytesOf(text) <= mostOutput) return text;
  const room = mostOutput - bytesOf('…');
  let [shown, length] = ['', 0];
  for (const character of text) {
    length += bytesOf(character);
    if (length > room) break;
    shown += character;
  }
  return `${shown}…`;
};
