import { expect, it, vi } from 'vitest';
import { checkModelGraph } from './check-model-graph.ts';
import * as unreached from './first-unreached.ts';

/**
 * Layer `c` takes the outputs of `a` and of the first call of model `b`, whose input is a separate
 * layer.
 */
const topology = {
  model_config: {
    class_name: 'Functional',
    config: {
      layers: [
        { name: 'a', class_name: 'InputLayer', inbound_nodes: [] },
        {
          name: 'b',
          class_name: 'Functional',
          config: { layers: [{ name: 'inner', class_name: 'InputLayer', inbound_nodes: [] }] },
          inbound_nodes: [[['a', 0, 0, {}]]],
        },
        {
          name: 'c',
          class_name: 'Add',
          inbound_nodes: [
            [
              ['a', 0, 0, {}],
              ['b', 1, 0, {}],
            ],
          ],
        },
      ],
    },
  },
};

// firstUnreached finds what cannot be reached and has its own tests; here a mock replaces its
// result.
it('checkModelGraph checks the calls of layers, also of nested models, and names a rejected layer', () => {
  const check = vi.spyOn(unreached, 'firstUnreached');
  checkModelGraph(topology, 'model.json');
  expect(check.mock.calls.map(([calls]) => Object.fromEntries(calls))).toEqual([
    { '["inner",0]': [] },
    { '["a",0]': [], '["b",1]': ['["a",0]'], '["c",0]': ['["a",0]', '["b",1]'] },
  ]);
  check.mockImplementation((calls) => (calls.has('["c",0]') ? '["c",0]' : undefined));
  expect(() => checkModelGraph(topology, 'model.json')).toThrow(
    expect.objectContaining({
      code: 'damaged-model',
      message: 'Layer "c" of model.json is called on a, b: one of them is missing or waits for it.',
    }) as Error,
  );
  check.mockRestore();
});
