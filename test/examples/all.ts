import type { Example } from './example.ts';
import { jsonService } from './json-service.ts';
import { nginxSite } from './nginx-site.ts';
import { postgresql } from './postgresql.ts';
import { redisAOF } from './redis-aof.ts';
import { webStack } from './web-stack.ts';

export const all: readonly Example<unknown>[] = [redisAOF, nginxSite, jsonService, postgresql, webStack];
