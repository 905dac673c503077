import { ReasonedError } from '../../api/reasons.ts';

/** `transship-runc create` of a target stands at the rendezvous and waits for a verdict. */
export interface ArriveRequest {
  readonly kind: 'arrive';
  readonly reply: string;
  readonly migrationUID: string;
  readonly containerID: string;
  readonly bundle: string;
}

/** `transship-ipam` asks for a pod's address, or tells that it is given back. */
export interface AddressRequest {
  readonly kind: 'address';
  readonly reply: string;
  readonly command: 'ADD' | 'DEL' | 'CHECK';
  readonly cniVersion: string;
  readonly namespace: string;
  readonly podName: string;
  readonly sandboxID: string;
}

export type DoorbellRequest = ArriveRequest | AddressRequest;

const words = {
  reply: /^\/run\/transship\/replies\/[A-Za-z0-9._-]+$/,
  uid: /^[0-9a-f-]{1,64}$/,
  id: /^[A-Za-z0-9._-]{1,128}$/,
  bundle: /^\/[^\s]{1,512}$/,
  command: /^(ADD|DEL|CHECK)$/,
  name: /^[a-z0-9.-]{1,253}$/,
  version: /^\d+\.\d+\.\d+$/,
} as const;

const shapes = {
  arrive: ['reply', 'uid', 'id', 'bundle'],
  address: ['reply', 'command', 'version', 'name', 'name', 'id'],
} as const satisfies Record<string, readonly (keyof typeof words)[]>;

const fieldsOf = (line: string): { kind: keyof typeof shapes; fields: readonly string[] } => {
  const [kind = '', ...fields] = line.trim().split(' ');
  if (!Object.hasOwn(shapes, kind))
    throw new ReasonedError(
      'StreamMalformed',
      `The doorbell was rung with "${line.slice(0, 80)}", which begins with no known word`,
    );
  const shape = shapes[kind as keyof typeof shapes];
  const fits = fields.length === shape.length && shape.every((word, i) => words[word].test(fields[i] ?? ''));
  if (!fits)
    throw new ReasonedError(
      'StreamMalformed',
      `The doorbell was rung with "${line.slice(0, 200)}"; expected ${kind} ${shape.join(' ')}`,
    );
  return { kind: kind as keyof typeof shapes, fields };
};

/** One line of the doorbell. Throws a {@link ReasonedError} on anything that the scripts of `node/` do not write. */
export const parseRequest = (line: string): DoorbellRequest => {
  const { kind, fields } = fieldsOf(line);
  const [a = '', b = '', c = '', d = '', e = '', f = ''] = fields;
  switch (kind) {
    case 'arrive':
      return { kind, reply: a, migrationUID: b, containerID: c, bundle: d };
    case 'address':
      return {
        kind,
        reply: a,
        command: b as AddressRequest['command'],
        cniVersion: c,
        namespace: d,
        podName: e,
        sandboxID: f,
      };
  }
};
