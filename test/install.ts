import { bringUp } from '../lab/up.ts';
import { installTransship } from './cluster/install.ts';

await bringUp();
await installTransship();
