import { KubeConfig } from '@kubernetes/client-node';
import type { ConnectOptions } from './connection.ts';

/** The cluster and the credentials to talk to it with. Throws when the context does not exist. */
export const kubeConfigOf = ({ kubeconfigPath, context }: ConnectOptions): KubeConfig => {
  const config = new KubeConfig();
  if (kubeconfigPath) config.loadFromFile(kubeconfigPath);
  else config.loadFromDefault();
  if (context === undefined) return config;
  if (!config.getContextObject(context))
    throw new Error(`the kubeconfig has no context ${context}; kubectl config get-contexts lists those it has`);
  config.setCurrentContext(context);
  return config;
};
