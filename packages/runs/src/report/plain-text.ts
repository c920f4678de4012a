// An entry of its own, which loads quickly.
export { counted, megabytes, percent } from './format.ts';
export { textTable } from './text/text-table.ts';
