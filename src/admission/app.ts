import express, { type Express, type NextFunction, type Request, type Response, Router } from 'express';
import type { Log } from '../log/log.ts';
import { answerEviction, type EvictionPorts } from './eviction/handler.ts';
import { incomingPodOf } from './incoming-pod.ts';
import { successionOf } from '../migration/namesake/succession.ts';
import { moveIn } from '../trace/record.ts';
import type { Tracer } from '../trace/tracer.ts';
import { succeeding } from './namesake.ts';
import { answerNode, type NodePorts } from './node-handler.ts';
import { preparationOf } from './pod-preparation.ts';
import { type Answer, decodeReview, type ReviewRequest, reviewOf } from './review.ts';

/** etcd takes objects of at most 1.5 MiB by default; a review of an update would hold two, and JSON may be longer than protobuf. */
const largestReview = 6 * 1024 * 1024;

/** From memory: whoever asks waits in the middle of a request of his own. */
type Verdict = (request: ReviewRequest) => Answer;

/**
 * Answers in the name of one webhook. A fault of ours allows, as does a webhook
 * that cannot be reached: an error would fail the whole drain or keep pods from
 * being created.
 */
const reviewing =
  (verdict: Verdict, log: Log) =>
  (request: Request, response: Response): void => {
    const decoded = decodeReview(request.body);
    if ('malformed' in decoded) {
      response.status(400).type('text/plain').send(`${decoded.malformed}\n`);
      return;
    }
    const { uid } = decoded.request;
    try {
      response.json(reviewOf(uid, verdict(decoded.request)));
    } catch (error) {
      log.error({ error, path: request.path }, 'Failed to answer admission review');
      response.json(
        reviewOf(uid, { warnings: ['Transship could not look at this request and let it pass; its log says why'] }),
      );
    }
  };

const answerPod = (
  request: ReviewRequest,
  { migrationsAbout, respondsToEvictions, tracer }: AdmissionPorts,
): Answer => {
  const pod = incomingPodOf(request);
  if (!pod) return {};
  const options = { respondsToEvictions: respondsToEvictions() };
  const { namespace = 'default', name } = pod.metadata;
  const succession = successionOf(pod, migrationsAbout({ namespace, name, uid: undefined }));
  if (!succession) return preparationOf(pod, options);
  const { as, migration } = succession;
  const verb = request.dryRun === true ? 'would make' : 'makes';
  tracer.note(moveIn(migration), as === 'target' ? `${verb} pod ${name} the target` : `keeps the name ${name} free`);
  return succeeding(pod, succession, options);
};

interface BodyError extends Error {
  readonly status?: number;
}

/** The body was too large or no JSON. Express knows an error handler by its four parameters. */
const refuseBody = (error: BodyError, _request: Request, response: Response, next: NextFunction): void => {
  if (response.headersSent) {
    next(error);
    return;
  }
  response
    .status(error.status ?? 400)
    .type('text/plain')
    .send(`cannot read the admission review: ${error.message}\n`);
};

export interface AdmissionPorts extends EvictionPorts, NodePorts {
  readonly tracer: Tracer;
  /** Are pods to name us as a responder to eviction requests? */
  readonly respondsToEvictions: () => boolean;
}

/** POST /admission/eviction, /admission/pods and /admission/nodes. */
export const createAdmissionRouter = (ports: AdmissionPorts): Router => {
  const router = Router();
  router.use('/admission', express.json({ limit: largestReview, type: () => true }));
  router.post(
    '/admission/eviction',
    reviewing((request) => answerEviction(request, ports), ports.log),
  );
  router.post(
    '/admission/pods',
    reviewing((request) => answerPod(request, ports), ports.log),
  );
  router.post(
    '/admission/nodes',
    reviewing((request) => answerNode(request, ports), ports.log),
  );
  router.use('/admission', refuseBody);
  return router;
};

export const createAdmissionApp = (ports: AdmissionPorts): Express => {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(createAdmissionRouter(ports));
  return app;
};
