/** Formats of data sets that are not read, by their files' names. */
const formats: readonly [RegExp, string][] = [
  [/\.parquet$/i, 'Parquet files of the Hugging Face Hub'],
  [/\.arrow$/i, 'Arrow files of save_to_disk'],
  [
    /\.(array_record|riegeli)(-\d+-of-\d+)?$/i,
    'ArrayRecord and Riegeli files of TensorFlow Datasets',
  ],
  [/\.(h5|hdf5|npz|npy|mat|lmdb|pkl)$/i, 'arrays in a file'],
];

/** What a file of another program is called; undefined for all that is none known. */
export function foreignFormat(path: string): string | undefined {
  return formats.find(([pattern]) => pattern.test(path))?.[1];
}
