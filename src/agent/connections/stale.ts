import type { ServiceConnection } from './service-connection.ts';

/**
 * Orders for `conntrack --load-file` that let a kernel forget what it has tracked of these connections when the pod was
 * on another node, or here before: with the endpoint, in either direction, and with the Service. One for each pair of
 * addresses, however many connections there are. Of a connection that is there once more it learns with the next packet.
 */
export const forgettingOrders = (ip: string, connections: readonly ServiceConnection[]): readonly string[] => [
  ...new Set(
    connections.flatMap(({ service, endpoint }) => [
      `-D -s ${ip} -d ${service.ip}`,
      `-D -s ${ip} -d ${endpoint.ip}`,
      `-D -s ${endpoint.ip} -d ${ip}`,
    ]),
  ),
];
