/**
 * Options of Node for processes that live for seconds, as those of tests do: V8 optimises a function
 * after fifteen times as much work as by default. Most of their code runs too briefly to earn back
 * the processor time of optimising it.
 */
export const shortProcessOptions: string[] = ['--interrupt-budget=1000000'];
