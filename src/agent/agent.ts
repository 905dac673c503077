import type { AgentIdentity } from '../certs/agent-tls.ts';
import { keepAgentIdentity, obtainAgentCertificateSurely } from '../certs/agent-certificate.ts';
import type { Clock } from '../clock/clock.ts';
import type { FailPoints } from '../failpoint/fail-points.ts';
import { reachAnswer } from '../failpoint/reach.ts';
import type { KubeApi } from '../kube/api.ts';
import type { EventRecorder } from '../kube/events.ts';
import type { Log } from '../log/log.ts';
import type { Tracer } from '../trace/tracer.ts';
import { wipeImages } from './checkpoint/image-directory.ts';
import { keepLeasedFile, type LeasedFile } from './address/leased-file.ts';
import { answerAddress } from './address/questions.ts';
import { openCaches, type AgentCaches } from './caches.ts';
import { type ClientKeeper, keepClients } from './connections/client-keeper.ts';
import { masqueradedFor } from './connections/lost.ts';
import { openDoorbell } from './doorbell/doorbell.ts';
import { reply } from './doorbell/reply.ts';
import { parseRequest } from './doorbell/request.ts';
import { leasedPath, onHost } from './host/paths.ts';
import { keepRoutes, type RouteKeeper } from './network/route-keeper.ts';
import { forgetDepartures, forgetKeptAddresses } from './node/departures.ts';
import { kubeletOf } from './node/kubelet.ts';
import { gatherNode, reportNode } from './node/report.ts';
import { forgetRestored } from './node/restored.ts';
import { StrayTables } from './node/stray-tables.ts';
import { openRecord } from './record.ts';
import type { RuntimePort } from './runtime/port.ts';
import { forgetHolds } from './source/farewell.ts';
import { forgetGoneSources, recoverSources } from './source/recovery.ts';
import { openSourceSide } from './source/side.ts';
import { imagesInUse, recoverTargets } from './target/recovery.ts';
import { openTargetSide, type TargetSide } from './target/side.ts';
import { converse } from './transfer/conversation.ts';
import { dialAgent } from './transfer/dial.ts';
import { listenForAgents } from './transfer/listen.ts';
import { rehearse } from './transfer/rehearsal.ts';

export interface AgentOptions {
  readonly nodeName: string;
  readonly nodeIP: string;
  readonly port: number;
  readonly api: KubeApi;
  readonly runtime: RuntimePort;
  /** Path of runc on the host. */
  readonly runc: string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  readonly events: EventRecorder;
  readonly tracer: Tracer;
  readonly points: FailPoints;
}

const housekeepingMs = 20_000;

/** Both follow the leases, and both depend on where the nodes are. */
const openPaths = (
  { nodeName: here, log }: AgentOptions,
  caches: AgentCaches,
): { readonly routes: RouteKeeper; readonly clients: ClientKeeper } => {
  const routes = keepRoutes({ here, leases: caches.leases, nodes: caches.nodes, log });
  const clients = keepClients({ here, leases: caches.leases, nodes: caches.nodes, log });
  const places = new Map<string, string | undefined>();
  caches.leases.onChange(() => {
    routes.refresh();
    clients.refresh();
  });
  caches.nodes.onChange((key, node) => {
    // Heartbeats change a node every few seconds, and its addresses hardly ever.
    const place = node && `${node.spec?.podCIDR ?? ''} ${JSON.stringify(node.status?.addresses)}`;
    if (places.get(key.name) === place) return;
    places.set(key.name, place);
    routes.inspect();
    clients.inspect();
  });
  routes.refresh();
  clients.refresh();
  return { routes, clients };
};

const openLeasedFile = ({ nodeName: here, clock, log }: AgentOptions, { leases, nodes }: AgentCaches): LeasedFile => {
  const file = keepLeasedFile({ path: onHost(leasedPath), leases, nodes, here, clock, log });
  leases.onChange(() => {
    file.refresh();
  });
  nodes.onChange(({ name }) => {
    if (name === here) file.refresh();
  });
  return file;
};

/** Leads each line of the doorbell to whom it concerns. */
const answering = (options: AgentOptions, caches: AgentCaches, target: TargetSide) => {
  const { api, nodeName: here, random, log, events } = options;
  const { leases, pools, nodes } = caches;
  const leaseOptions = { api, leases, pools, nodes, here, random, log, events };
  return (line: string): void => {
    try {
      const request = parseRequest(line);
      if (request.kind === 'arrive') target.onArrive(request);
      else void answerAddress(leaseOptions, request).then((answer) => reply(request.reply, answer));
    } catch (error) {
      log.warn({ error }, 'The doorbell was rung with something that nobody of ours writes');
    }
  };
};

/** The agent's certificate as it is now. Whoever dials before there is one is told so. */
class Identity {
  #now: AgentIdentity | undefined;

  readonly current = (): AgentIdentity => {
    if (!this.#now) throw new Error('The agent has no certificate yet');
    return this.#now;
  };

  set(identity: AgentIdentity): void {
    this.#now = identity;
  }
}

/**
 * The agent of one node: from its first look at the cluster until `signal`
 * aborts and everything in flight is settled.
 *
 * The doorbell opens before the certificate has come, so that pods get their
 * addresses while no controller runs. Moves wait for the certificate: only then
 * does the node report itself, and targets that have come meanwhile say so only
 * when the agents of their sources can connect. What they and earlier agents have
 * left hears of its record from the beginning.
 */
export const runAgentOn = async (options: AgentOptions, signal: AbortSignal): Promise<void> => {
  const { api, runtime, runc, clock, log, events, tracer, random, nodeName: here, nodeIP, port, points } = options;
  const { caches, stopped } = await openCaches({ api, clock, random, log }, signal);
  await using stack = new AsyncDisposableStack();
  const leased = openLeasedFile(options, caches);
  await leased.renew();
  const { routes, clients } = openPaths(options, caches);
  stack.defer(() => {
    routes.close();
    clients.close();
  });

  const identity = new Identity();
  const sourcePorts = {
    ...{ api, runtime, runc, here, routes, tracer, clock, log, points },
    record: openRecord(api, clock, (written) => reachAnswer(points, 'source.answer', written), tracer),
    dial: (node: string, dialling: AbortSignal) =>
      dialAgent({ nodes: caches.migrationNodes, identity: identity.current, clock }, node, dialling),
  };
  const targetPorts = {
    api,
    engine: runtime.name,
    runtime,
    runc,
    here,
    kubelet: kubeletOf(),
    migrations: caches.migrations,
    routes,
    record: openRecord(api, clock, (written) => reachAnswer(points, 'target.answer', written), tracer),
    tracer,
    events,
    clock,
    log,
    points,
  };
  const source = openSourceSide(sourcePorts);
  stack.defer(() => source.close(new Error('the agent was told to stop')));
  const target = openTargetSide(targetPorts);
  stack.defer(() => target.close(new Error('the agent was told to stop')));
  caches.migrations.onChange((_key, migration) => {
    if (migration) target.onChange(migration);
  });
  await wipeImages(await imagesInUse());
  await recoverSources(sourcePorts, source, signal);
  await recoverTargets(targetPorts, target);
  stack.defer(await openDoorbell(answering(options, caches, target)));

  const request = { api, clock, random, log, nodeName: here, ip: nodeIP, signal };
  const first = await obtainAgentCertificateSurely(request);
  identity.set(first);
  await rehearse(here, first, log);
  const listener = await listenForAgents({
    host: nodeIP,
    port,
    identity: first,
    serve: (c, peer) => target.serve(c, peer),
    converse: () => converse(tracer),
    log,
  });
  stack.defer(() => listener.close());
  const renewed = (next: AgentIdentity): void => {
    identity.set(next);
    listener.renew(next);
  };
  const renewing = keepAgentIdentity(request, first, renewed);

  caches.migrations.onChange((_key, migration) => {
    if (migration) source.onChange(migration);
  });
  target.begin();
  for (const migration of caches.migrations.items()) source.onChange(migration);

  const leasedHere = () =>
    new Set(caches.leases.items().flatMap(({ spec }) => (spec.nodeName === here ? spec.ip : [])));
  const masqueraded = (reporting: AbortSignal) => masqueradedFor(leasedHere(), reporting);
  const report = { api, runtime, here, address: nodeIP, port: listener.port, clock, log, masqueraded };
  const reporting = reportNode(report, await gatherNode(report, signal), signal);
  log.info({ port: listener.port }, 'The agent is ready');
  const strayTables = new StrayTables();
  while (!signal.aborted) {
    await leased.renew();
    await forgetDepartures();
    await forgetKeptAddresses(runtime, signal).catch((error: unknown) => {
      log.info({ error }, 'The runtime does not say now which sandboxes there are');
    });
    await forgetGoneSources();
    await forgetHolds(caches.migrations.items());
    await forgetRestored(runtime.name, clock.now());
    await strayTables.look(here, caches.leases, log).catch((error: unknown) => {
      log.warn({ error }, 'Could not look for what is left of the connections of pods');
    });
    routes.inspect(); // whoever else changes routes or rules on the node does not tell us
    clients.inspect();
    await clock.sleep(housekeepingMs, signal).catch(() => undefined); // the loop's condition ends it
  }
  await Promise.allSettled([reporting, renewing, stopped]);
};
