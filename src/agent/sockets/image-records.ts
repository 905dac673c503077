/*
 * Files of CRIU: two magic numbers (criu/include/magic.h), then records, each a length (4 bytes, little endian) and that
 * many bytes of a protocol buffer, which bytes of its own may follow.
 */

const headBytes = 8;

/** Of a message, by its number: what was given for a field, in its order. Of 64 bits that are not used here only 53 are told. */
export type Fields = ReadonlyMap<number, readonly (number | Buffer)[]>;

const varint = (bytes: Buffer, from: number): readonly [value: number, next: number] => {
  let value = 0;
  for (let at = from, factor = 1; at < bytes.length && at < from + 10; at += 1, factor *= 128) {
    const byte = bytes.readUInt8(at);
    value += (byte & 127) * factor;
    if (byte < 128) return [value, at + 1];
  }
  throw new Error('An image has a number that does not end');
};

const taken = (bytes: Buffer, from: number, length: number): readonly [value: Buffer, next: number] => {
  const next = from + length;
  if (next > bytes.length) throw new Error('An image has a record that is cut off');
  return [bytes.subarray(from, next), next];
};

const valueAt = (bytes: Buffer, from: number, wire: number): readonly [value: number | Buffer, next: number] => {
  if (wire === 0) return varint(bytes, from);
  if (wire === 1) return taken(bytes, from, 8);
  if (wire === 5) return taken(bytes, from, 4);
  if (wire !== 2) throw new Error(`An image has a field of the unknown kind ${wire}`);
  const [length, start] = varint(bytes, from);
  return taken(bytes, start, length);
};

/** Reads a protocol buffer. Throws when it is none. */
const fieldsOf = (bytes: Buffer): Fields => {
  const fields = new Map<number, (number | Buffer)[]>();
  for (let at = 0; at < bytes.length;) {
    const [tag, start] = varint(bytes, at);
    const [value, next] = valueAt(bytes, start, tag & 7);
    const field = Math.floor(tag / 8);
    fields.set(field, [...(fields.get(field) ?? []), value]);
    at = next;
  }
  return fields;
};

export const numberIn = (fields: Fields, field: number): number => {
  const value = fields.get(field)?.at(-1);
  return typeof value === 'number' ? value : 0;
};

export const messagesIn = (fields: Fields, field: number): readonly Fields[] =>
  (fields.get(field) ?? []).flatMap((value) => (typeof value === 'number' ? [] : fieldsOf(value)));

export interface ImageRecord {
  readonly fields: Fields;
  readonly payload: Buffer;
}

/** @param payloadOf how many bytes of its own follow a record */
export const recordsOf = (image: Buffer, payloadOf: (fields: Fields) => number = () => 0): readonly ImageRecord[] => {
  const records: ImageRecord[] = [];
  for (let at = headBytes; at < image.length;) {
    const [length, start] = taken(image, at, 4);
    const [message, end] = taken(image, start, length.readUInt32LE());
    const fields = fieldsOf(message);
    const [payload, next] = taken(image, end, payloadOf(fields));
    records.push({ fields, payload });
    at = next;
  }
  return records;
};
