import { network } from '../../../lab/cluster.ts';
import { collectorPort } from '../witness/collector.ts';
import { tickerTag, tickFile } from './image.ts';

const ticker = 'ticker';

export const namespaceOf = (lane: number): string => `fault-${String(lane)}`;

/** One instance detector that may run on these nodes; it starts on the first where that is possible. */
export const tickerDeployment = (lane: number, nodes: readonly [string, ...string[]]) => {
  const on = (names: readonly string[]) => ({
    matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: names }],
  });
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: ticker, namespace: namespaceOf(lane) },
    spec: {
      replicas: 1,
      strategy: { type: 'Recreate' },
      selector: { matchLabels: { app: ticker } },
      template: {
        metadata: { labels: { app: ticker }, annotations: { 'transship.dev/migrate': 'true' } },
        spec: {
          terminationGracePeriodSeconds: 1,
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          affinity: {
            nodeAffinity: {
              requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [on(nodes)] },
              preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, preference: on(nodes.slice(0, 1)) }],
            },
          },
          containers: [
            {
              name: ticker,
              image: tickerTag,
              imagePullPolicy: 'IfNotPresent',
              args: [network.hostAddress, String(collectorPort), String(lane), tickFile],
            },
          ],
        },
      },
    },
  };
};
