import type { OnnxNode } from '../../onnx/graph/onnx-graph.ts';
import type { Lowering, NodeTranslator } from '../lowering.ts';
import type { TfliteOperator } from '../schema.ts';
import { floats, type TfliteTensor } from '../tflite-graph.ts';
import { noActivation, withActivation } from './elementwise.ts';

/** A tensor of the shape of the node's input, or one number. */
type Operand = TfliteTensor | number;

/** Appends an operator number by number. */
type Call = (op: TfliteOperator, ...operands: Operand[]) => TfliteTensor;

/** An activation that TensorFlow Lite has no operator for, computed by several. */
function composed(
  formula: (x: TfliteTensor, call: Call, attribute: (name: string) => number) => TfliteTensor,
): NodeTranslator {
  return (node, lowering) => {
    const { tensor: x, order } = lowering.at(node.inputs[0]!);
    const attribute = (name: string): number => (node.attributes[name] as { float: number }).float;
    const output = formula(x, caller(node, x, lowering), attribute);
    output.name = node.name;
    lowering.place(node.outputs[0]!, output, order);
    return undefined;
  };
}

function caller({ name }: OnnxNode, { shape }: TfliteTensor, { target }: Lowering): Call {
  let count = 0;
  const fresh = (): string => `${name}/${count++}`;
  return (op, ...operands) => {
    const inputs = operands.map((operand) =>
      typeof operand === 'number' ? floats(fresh(), [operand], []) : operand,
    );
    const options = withActivation.has(op) ? { ...noActivation } : {};
    if (op !== 'GREATER') return target.add(op, inputs, fresh(), shape, options);
    return target.append({ op, inputs, options }, { name: fresh(), type: 'bool', shape });
  };
}

/** ELU with any slope at the left of 0. */
function elu(x: TfliteTensor, alpha: number, call: Call): TfliteTensor {
  if (alpha === 1) return call('ELU', x);
  return call('ADD', call('RELU', x), call('MUL', call('MINIMUM', call('ELU', x), 0), alpha));
}

/** `log(1 + exp(x))`, without an overflow. */
function softplus(x: TfliteTensor, call: Call): TfliteTensor {
  const tail = call('LOG', call('ADD', call('EXP', call('NEG', call('ABS', x))), 1));
  return call('ADD', call('RELU', x), tail);
}

/** Default attributes of ONNX's Selu, which are those of Klambauer et al. 2017. */
const selu = { alpha: 1.67326319217681884765625, gamma: 1.05070102214813232421875 };

export const activations: Readonly<Record<string, NodeTranslator>> = {
  // Without an attribute, alpha is 1.
  Celu: composed((x, call) => elu(x, 1, call)),
  Elu: (node, lowering) =>
    composed((x, call, attribute) => elu(x, node.attributes.alpha ? attribute('alpha') : 1, call))(
      node,
      lowering,
    ),
  Mish: composed((x, call) => call('MUL', x, call('TANH', softplus(x, call)))),
  Selu: composed((x, call) => call('MUL', elu(x, selu.alpha, call), selu.gamma)),
  Shrink: composed((x, call, attribute) => {
    const [lambd, bias] = [attribute('lambd'), attribute('bias')];
    const above = call('GREATER', x, lambd);
    const below = call('GREATER', call('NEG', x), lambd);
    const low = call('SELECT_V2', below, call('ADD', x, bias), 0);
    return call('SELECT_V2', above, call('SUB', x, bias), low);
  }),
  Softplus: composed(softplus),
  Softsign: composed((x, call) => call('DIV', x, call('ADD', call('ABS', x), 1))),
  ThresholdedRelu: composed((x, call, attribute) =>
    call('SELECT_V2', call('GREATER', x, attribute('alpha')), x, 0),
  ),
};
