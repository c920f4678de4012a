import { DataType, type Graph, type Output } from '@fixres/engine/graph';
import { NodeBuilder, typed } from './node-builder.ts';

/** How an image is turned upright, for each value of EXIF's tag Orientation from 1 on: transposed first, then mirrored. */
const turns: readonly { transposed: boolean; rows: boolean; columns: boolean }[] = [
  { transposed: false, rows: false, columns: false },
  { transposed: false, rows: false, columns: true },
  { transposed: false, rows: true, columns: true },
  { transposed: false, rows: true, columns: false },
  { transposed: true, rows: false, columns: false },
  { transposed: true, rows: false, columns: true },
  { transposed: true, rows: true, columns: true },
  { transposed: true, rows: true, columns: false },
];

/** The bytes of a file in which the orientation is searched. */
const HEAD = 2048;

/**
 * Regular expressions of RE2, in which `\C` is one byte. The orientation is a short in the first directory of the EXIF
 * segment. The directory follows a header of eight bytes, and each of its entries has twelve.
 */
const littleEndian = String.raw`II\*\x00\x08\x00\x00\x00\C\x00(?:\C{12}){0,30}?\x12\x01\x03\x00\x01\x00\x00\x00([\x01-\x08])\x00`;
const bigEndian = String.raw`MM\x00\*\x00\x00\x00\x08\x00\C(?:\C{12}){0,30}?\x01\x12\x00\x03\x00\x00\x00\x01\x00([\x01-\x08])`;
const pattern = String.raw`\C{4,900}?Exif\x00\x00(?:${littleEndian}|${bigEndian})\C*`;

/**
 * Adds ops that turn a decoded JPEG image upright by its EXIF orientation, which TensorFlow's decoders ignore.
 *
 * @param bytes its file, string
 * @param image uint8, [1, height, width, 3]
 */
export function addUprightNodes(graph: Graph, bytes: Output, image: Output): Output {
  const nodes = new NodeBuilder(graph, 'upright');
  const index = turnIndex(nodes, bytes);
  const row = (values: readonly (readonly number[])[], name: string): Output => {
    const table = nodes.reshape(graph.ints(values.flat()), [turns.length, 4], `${name}_table`);
    return nodes.node('GatherV2', [table, index, nodes.scalar(0)], name, DataType.int32, {
      Tparams: typed(DataType.int32),
      Tindices: typed(DataType.int32),
      Taxis: typed(DataType.int32),
    });
  };
  const order = row(
    turns.map(({ transposed }) => (transposed ? [0, 2, 1, 3] : [0, 1, 2, 3])),
    'order',
  );
  const mirrored = row(
    turns.map(({ rows, columns }) => [0, Number(rows), Number(columns), 0]),
    'mirrored',
  );
  const transposed = nodes.transpose(image, order, 'transposed');
  return nodes.node(
    'Reverse',
    [transposed, nodes.cast(mirrored, DataType.bool, 'mirrored_axes')],
    'image',
    DataType.uint8,
  );
}

/** The index in {@link turns}, 0 for a file without an orientation. */
function turnIndex(nodes: NodeBuilder, bytes: Output): Output {
  const head = nodes.node(
    'Substr',
    [bytes, nodes.scalar(0), nodes.scalar(HEAD)],
    'head',
    DataType.string,
    { T: typed(DataType.int32) },
  );
  const searched = { pattern: { kind: 'string', value: pattern } } as const;
  const isFound = nodes.node('StaticRegexFullMatch', [head], 'is_found', DataType.bool, searched);
  const found = nodes.node('StaticRegexReplace', [head], 'found', DataType.string, {
    ...searched,
    rewrite: { kind: 'string', value: String.raw`\1\2` },
    replace_global: { kind: 'bool', value: false },
  });
  const codes = nodes.node('DecodeRaw', [found], 'codes', DataType.uint8, {
    out_type: typed(DataType.uint8),
  });
  const first = nodes.slice(codes, nodes.integers([0]), nodes.integers([1]), 'first_code');
  const code = nodes.cast(nodes.reshape(first, [], 'code'), DataType.int32, 'orientation');
  const turn = nodes.node('Sub', [code, nodes.scalar(1)], 'turn', DataType.int32);
  return nodes.node('SelectV2', [isFound, turn, nodes.scalar(0)], 'turn_index', DataType.int32, {
    T: typed(DataType.int32),
  });
}
