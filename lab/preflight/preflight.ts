import { run, succeeds } from '../process.ts';
import { say, step } from '../progress.ts';
import { commandChecks, machineChecks, type Check } from './checks.ts';

/** Finds everything that this machine lacks for a lab, at once. */
async function missing(): Promise<readonly Check[]> {
  const checks = [...commandChecks, ...machineChecks];
  const results = await Promise.all(checks.map((check) => check.holds()));
  return checks.filter((_, index) => !results[index]);
}

function report(lacking: readonly Check[]): string {
  const lines = lacking.map(({ what, fix }) => `  ${what}\n      fix: ${fix}`);
  return ['this machine cannot run the lab yet; missing:', ...lines].join('\n');
}

export async function requirePreflight(): Promise<void> {
  const lacking = await missing();
  if (lacking.length > 0)
    throw new Error(`${report(lacking)}\n\`node lab/main.ts preflight --install\` installs the packages among these`);
}

/** Checks the machine; with `install`, first installs the Debian packages that it lacks. */
export async function preflight(install: boolean): Promise<void> {
  const packages = (await missing()).flatMap((check) => (check.package === undefined ? [] : [check.package]));
  if (install && packages.length > 0) await installPackages([...new Set(packages)]);
  const lacking = await missing();
  if (lacking.length > 0) throw new Error(report(lacking));
  say('this machine can run the lab');
}

async function installPackages(packages: readonly string[]): Promise<void> {
  if (!(await succeeds('apt-get', ['--version'])))
    throw new Error(`cannot install ${packages.join(', ')}: this machine has no apt-get; use its own package manager`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await step(`installing ${packages.join(', ')}`, async () => {
    await run('apt-get', ['update', '-qq'], { env });
    await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], { env });
  });
}
