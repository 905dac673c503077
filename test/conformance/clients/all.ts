import type { Client } from '../case.ts';
import { clusterAutoscaler } from './cluster-autoscaler.ts';
import { deschedulerClient } from './descheduler/client.ts';
import { karpenter } from './karpenter.ts';
import { kubectlDrain } from './kubectl-drain/client.ts';

export const clients: readonly Client[] = [kubectlDrain, deschedulerClient, karpenter, clusterAutoscaler];
