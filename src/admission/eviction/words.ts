import type { Migration } from '../../api/migration.ts';
import type { Pod } from '../../api/pod.ts';

/** How answers name a pod or a Migration. */
export const refOf = ({ metadata }: Pod | Migration): string => `${metadata.namespace ?? 'default'}/${metadata.name}`;

/** How far a move is, or how it has ended. */
export const progressOf = ({ status }: Migration): string =>
  [status?.phase ?? 'Pending', status?.reason && `${status.reason}: ${status.message ?? ''}`]
    .filter(Boolean)
    .join(', ');

/** Which pod a move has ended as, and where. */
export const targetText = ({ metadata, status }: Migration): string => {
  const { podName = '', nodeName } = status?.target ?? {};
  return `pod ${metadata.namespace ?? 'default'}/${podName}${nodeName === undefined ? '' : ` on node ${nodeName}`}`;
};
