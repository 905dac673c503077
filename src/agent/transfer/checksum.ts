import { crc32 } from 'node:zlib';

/**
 * CRC-32 of an image in the order of its sending. TLS already tells bytes that
 * were changed on their way; this tells those that an agent mixed up itself,
 * which CRIU would restore without a word.
 */
export class Checksum {
  #value = 0;

  add(bytes: Uint8Array): void {
    this.#value = crc32(bytes, this.#value);
  }

  /** Eight hexadecimal digits. */
  get hex(): string {
    return this.#value.toString(16).padStart(8, '0');
  }
}
