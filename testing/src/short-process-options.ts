/**
 * Options of Node for processes that live for seconds, as those of tests do: V8 optimises a function
 * of JavaScript or WebAssembly after fifteen times as much work as by default. Most of their code
 * runs too briefly to earn back the processor time of optimising it. Node 22 and 24 refuse to start
 * with the first option.
 */
export const shortProcessOptions: string[] = process.versions.node.startsWith('20.')
  ? ['--interrupt-budget=1000000', '--wasm-tiering-budget=30000000']
  : [];
