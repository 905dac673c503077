import type { Example } from './example.ts';
import { jsonService } from './json-service.ts';
import { nginxSite } from './nginx-site.ts';
import { postgresql } from './postgresql.ts';
import { redisAOF } from './redis-aof.ts';
import { webStack } from './web-stack.ts';

/** Those of one container, which every version can move. */
export const ofOneContainer: readonly Example<unknown>[] = [redisAOF, nginxSite, jsonService, postgresql];

export const all: readonly Example<unknown>[] = [...ofOneContainer, webStack];
