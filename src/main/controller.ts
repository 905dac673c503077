import { randomUUID } from 'node:crypto';
import type { RequestListener } from 'node:http';
import express from 'express';
import { createAdmissionRouter } from '../admission/app.ts';
import { Evacuations } from '../admission/eviction/evacuations.ts';
import { systemNamespace } from '../api/group.ts';
import { systemClock } from '../clock/system-clock.ts';
import { type Caches, createCaches, haveSynced, runCaches } from '../controller/caches.ts';
import { factsOf } from '../controller/emptying/gather.ts';
import { createEvictionWatch, type EvictionWatch } from '../controller/eviction-request/watch.ts';
import { carryOutWith } from '../controller/hooks/carry-out.ts';
import { findingsFrom } from '../controller/findings.ts';
import { serveHealth } from '../controller/health-server.ts';
import { HttpsServer } from '../controller/https-server.ts';
import { createLeading } from '../controller/leading.ts';
import { policiesFrom, policyOfMove } from '../controller/policies/choice.ts';
import { watchServingCertificate } from '../controller/serving-certificate.ts';
import { httpSink } from '../events/sink.ts';
import { openFailPoints } from '../failpoint/open.ts';
import { createKubeApi } from '../kube/client-node.ts';
import { createEventRecorder, type EventRecorder } from '../kube/events.ts';
import { Leader } from '../kube/leader.ts';
import { createPodExec } from '../kube/pod-exec.ts';
import { createLog, type Log } from '../log/log.ts';
import { traceTo } from '../log/trace-log.ts';
import { post } from '../outgoing/post.ts';
import { createExtender } from '../scheduling/extender.ts';
import { ProcessTrace } from '../trace/tracer.ts';
import { parseControllerConfig } from './controller-config.ts';
import { newRun } from './run.ts';

const leaseName = 'transship-controller';

/** After readiness is gone, the time in which the API server notices and asks the other replica. */
const drainMs = 3_000;
const closeGraceMs = 5_000;

interface Built {
  readonly caches: Caches;
  readonly events: EventRecorder;
  readonly evacuations: Evacuations;
  readonly trace: ProcessTrace;
  readonly log: Log;
  readonly evictions: EvictionWatch | undefined;
}

/** Webhooks and extender, answered from the caches. */
const application = ({ caches, events, evacuations, trace, log, evictions }: Built): RequestListener => {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  const policyOf = policiesFrom(caches);
  const findingsOf = findingsFrom({ ...caches, policyOf, clock: systemClock });
  const { pods, nodes, migrations, migrationNodes, migrationsAbout } = caches;
  app.use(
    createAdmissionRouter({
      ...{ evacuations, events, log, pods, nodes, migrationsAbout, policyOf, findingsOf },
      emptyingFactsOf: (node) => factsOf(node, { ...caches, policyOf, findingsOf }),
      respondsToEvictions: () => evictions?.isServed ?? false,
      tracer: trace.of('webhook'),
      clock: systemClock,
    }),
  );
  app.use(
    createExtender({
      ...{ migrations, migrationNodes, nodes, log },
      policyOfMove: policyOfMove(caches),
      tracer: trace.of('scheduler'),
      clock: systemClock,
    }),
  );
  return app as RequestListener;
};

const unreadiness = (caches: Caches, server: HttpsServer, isStopping: boolean): string | undefined => {
  if (isStopping) return 'stopping';
  if (!haveSynced(caches)) return 'the caches are not filled yet';
  return server.isListening ? undefined : 'there is no certificate yet';
};

/** The role `controller`: webhooks and extender on every replica, the reconcilers on the one that leads. */
export const runController = async (env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<void> => {
  const config = parseControllerConfig(env);
  const log = createLog({ role: 'controller', level: config.logLevel }).child({ pod: config.podName });
  const clock = systemClock;
  const random = Math.random;
  const onMalformed = (resource: string, name: string, error: Error): void => {
    log.warn({ resource, name, error }, 'Left out object that could not be read');
  };
  const api = await createKubeApi({ onMalformed });
  const events = createEventRecorder({
    api,
    clock,
    log,
    controller: 'transship.dev/controller',
    instance: config.podName,
  });
  const caches = createCaches({ api, clock, random, log });
  const evictions = config.evictionRequests ? createEvictionWatch({ api, clock, random, log }) : undefined;

  // What serves goes on for a moment after the signal, so it has a signal of its own.
  const serving = new AbortController();
  await using stack = new AsyncDisposableStack();
  stack.defer(() => {
    api.close();
  });
  stack.defer(() => events.flush());
  const trace = new ProcessTrace({ run: newRun(), clock, write: traceTo({ role: 'controller' }) });
  stack.defer(() => {
    trace.close();
  });
  const evacuations = new Evacuations({ api, events, clock, tracer: trace.of('webhook'), log });
  stack.defer(() => evacuations.close());

  const server = new HttpsServer(application({ caches, events, evacuations, trace, log, evictions }), config.httpsPort);
  stack.defer(() => server.close(closeGraceMs));
  const health = await serveHealth(config.healthPort, () => unreadiness(caches, server, signal.aborted));
  stack.defer(() => health.close());

  const failed = Promise.withResolvers<never>();
  const certificate = watchServingCertificate({ api, clock, random, log }, (shown) => {
    server.use(shown);
    server.begun().catch(failed.reject);
    log.info({ port: config.httpsPort }, 'Loaded serving certificate');
  });
  const points = openFailPoints(config.faultURL, { pod: config.podName });
  stack.defer(() => {
    points.close();
  });
  const tracer = trace.of('controller');
  const leading = createLeading({
    ...{ api, caches, events, clock, random, tracer, log, points, evictions },
    carryOut: carryOutWith({ post, exec: createPodExec() }),
    sinks: config.sinks.map((sink) => httpSink(sink, post)),
  });
  const watching = Promise.all([
    runCaches(caches, serving.signal),
    certificate.run(serving.signal),
    evictions?.run(serving.signal),
  ]);
  stack.defer(async () => {
    serving.abort(signal.reason);
    await watching;
  });

  const identity = `${config.podName}_${randomUUID().slice(0, 8)}`;
  const { leaseSeconds } = config;
  const lease = { namespace: systemNamespace, name: leaseName, leaseSeconds };
  const leader = new Leader({ api, clock, random, log, identity, ...lease });
  log.info({ identity }, 'Started controller');
  const run = leader.run((leadingSignal) => leading.run(leadingSignal), signal);
  await Promise.race([run, failed.promise]);
  log.info({}, 'Stopping controller');
  await clock.sleep(drainMs);
};
