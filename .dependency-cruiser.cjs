/** The layout of the design, held by the build: who may know whom. */
const only = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

const io = '^(node:)?(fs|fs/promises|net|tls|http|https|child_process|dns|dgram|worker_threads)$';

module.exports = {
  forbidden: [
    only('no-circles', 'Data flows one way.', {}, { circular: true }),
    only(
      'docker-behind-its-port',
      'One file imports dockerode.',
      { pathNot: '^src/agent/runtime/docker/' },
      { path: 'node_modules/dockerode' },
    ),
    only(
      'cri-behind-its-port',
      'One folder imports gRPC.',
      { pathNot: '^src/agent/runtime/containerd/' },
      { path: 'node_modules/@grpc' },
    ),
    only(
      'client-node-behind-its-port',
      'One folder imports the Kubernetes client.',
      { pathNot: '^src/kube/' },
      { path: 'node_modules/@kubernetes/client-node' },
    ),
    only(
      'cloudevents-behind-its-port',
      'One file imports the CloudEvents SDK.',
      { pathNot: '^src/events/cloud-event(\\.test)?\\.ts$' },
      { path: 'node_modules/cloudevents' },
    ),
    only(
      'forge-only-issues',
      'One folder imports node-forge.',
      { pathNot: '^src/certs/' },
      { path: 'node_modules/node-forge' },
    ),
    only('kinds-do-no-io', 'src/api is data.', { path: '^src/api/' }, { path: `${io}|^src/(?!api/)` }),
    only(
      'decisions-do-no-io',
      'src/migration decides; others act.',
      { path: '^src/migration/', pathNot: '\\.test\\.ts$' },
      { path: `${io}|^src/(?!api/|migration/|clock/)` },
    ),
    only(
      'pools-do-no-io',
      'src/pools decides; agent and controller act.',
      { path: '^src/pools/', pathNot: '\\.test\\.ts$' },
      { path: `${io}|^src/(?!api/|pools/|clock/)` },
    ),
    only(
      'agent-knows-no-controller',
      'The two speak through the record.',
      { path: '^src/agent/' },
      { path: '^src/(controller|admission|scheduling|cli)/' },
    ),
    only(
      'controller-knows-no-agent',
      'The two speak through the record.',
      { path: '^src/(controller|admission|scheduling|migration)/' },
      { path: '^src/agent/' },
    ),
    only(
      'install-is-no-agent',
      'It prepares a node and shares only the way to its host with the agent.',
      { path: '^src/install/' },
      { path: '^src/(?!install/|api/|agent/host/)' },
    ),
    only('product-knows-no-lab', 'The lab is for tests.', { path: '^src/' }, { path: '^(lab|test)/' }),
    only(
      'roots-are-roots',
      'Nothing is built on a composition root.',
      { pathNot: '^(src/main/|image/)' },
      { path: '^src/main/' },
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { extensions: ['.ts', '.js'] },
  },
};
