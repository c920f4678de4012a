const pairs = [
  ['float32', 'keras', 'float32'],
  ['float32', 'tfjs', 'float32'],
  ['float32', 'torch', 'float32'],
  ['bfloat16', 'keras', 'float32'],
  ['bfloat16', 'keras', 'bfloat16'],
  ['bfloat16', 'torch', 'bfloat16'],
  ['float32', 'malloc', 'float32'],
  ['bfloat16', 'malloc', 'bfloat16'],
];

/** How many times as fast fixres is as each peer, and its relative memory use. */
export function ratiosOf(rows) {
  const find = (name, precision) =>
    rows.find((row) => row.name === name && row.precision === precision);
  return pairs.flatMap(([precision, peer, peerPrecision]) => {
    const [own, other] = [find('fixres', precision), find(peer, peerPrecision)];
    if (own === undefined || other === undefined) return [];
    const speed =
      own.msPerStep && Math.round((100 * other.msPerStep.median) / own.msPerStep.median) / 100;
    const memory = Math.round((100 * own.peakRssMb) / other.peakRssMb) / 100;
    return [{ fixres: precision, peer: `${peer} ${peerPrecision}`, speed, memory }];
  });
}
