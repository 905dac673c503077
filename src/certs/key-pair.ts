import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';

const generate = promisify(generateKeyPair);

export interface KeyPair {
  readonly keyPem: string;
  readonly publicKeyPem: string;
}

/** Made off the main thread: forge's own generator would block it for up to 125 ms (measured), and with it the webhook. */
export const newKeyPair = async (): Promise<KeyPair> => {
  const { privateKey, publicKey } = await generate('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  return { keyPem: privateKey, publicKeyPem: publicKey };
};
