// Hosts of this machine with a network of a given bandwidth between them: namespaces, joined by a bridge,
// whose outgoing packets tc delays. Needs root, and the programs ip and tc.
import { execFileSync } from 'node:child_process';

/** Why there can be no shaped network here; undefined if there can. */
export function reasonAgainstShaping() {
  if (process.platform !== 'linux') return 'it needs Linux';
  if (process.getuid() !== 0) return 'it needs root';
  try {
    for (const program of ['ip', 'tc']) execFileSync(program, ['-V'], { stdio: 'ignore' });
    return undefined;
  } catch (error) {
    return `there is no program ${error.path}`;
  }
}

/**
 * Creates hosts. What each sends is limited to a bandwidth.
 *
 * @param gbits of 10^9 bits a second
 * @returns `hosts` with `address` and the words `inside` that run a command there; `remove`
 */
export function shapedNetwork(count, gbits) {
  // Names of interfaces have at most 15 characters, and belong to this process.
  const name = (kind, i = '') => `fx${kind}${process.pid}${i}`;
  const bridge = name('b');
  const hosts = Array.from({ length: count }, (_, i) => ({
    namespace: name('n', i),
    cable: name('c', i),
    address: `10.213.7.${i + 1}`,
  }));
  const remove = () => {
    // The kernel takes a namespace down later. Until then its cable would keep its name.
    for (const { namespace, cable } of hosts) {
      tried('ip', 'link', 'delete', cable);
      tried('ip', 'netns', 'delete', namespace);
    }
    tried('ip', 'link', 'delete', bridge);
  };
  try {
    run('ip', 'link', 'add', bridge, 'type', 'bridge');
    run('ip', 'link', 'set', bridge, 'up');
    for (const { namespace, cable, address } of hosts) {
      const inside = (...words) => run('ip', '-n', namespace, ...words);
      run('ip', 'netns', 'add', namespace);
      const end = ['peer', 'name', 'eth0', 'netns', namespace];
      run('ip', 'link', 'add', cable, 'type', 'veth', ...end);
      run('ip', 'link', 'set', cable, 'master', bridge, 'up');
      inside('address', 'add', `${address}/24`, 'dev', 'eth0');
      for (const device of ['lo', 'eth0']) inside('link', 'set', device, 'up');
      // A bucket of one millisecond, and at least one packet of 64 KiB, which the kernel sends as one.
      const burst = Math.max(128 * 1024, Math.round((gbits * 1e9) / 8 / 1000));
      const limits = ['rate', `${gbits}gbit`, 'burst', String(burst), 'latency', '50ms'];
      run('tc', '-n', namespace, 'qdisc', 'add', 'dev', 'eth0', 'root', 'tbf', ...limits);
    }
  } catch (error) {
    remove();
    throw error;
  }
  return {
    hosts: hosts.map(({ namespace, address }) => ({
      address,
      inside: ['ip', 'netns', 'exec', namespace],
    })),
    remove,
  };
}

function run(program, ...words) {
  execFileSync(program, words, { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' });
}

function tried(...words) {
  try {
    run(...words);
  } catch {
    // It was not created.
  }
}
