/**
 * The output of `fixres` without a command: what it is, how to start, where to find help. At most
 * 80 characters per line.
 */
export const welcome = `fixres trains image classifiers with the FixRes recipe: train at a small image
size, then fine-tune the last layers at a larger one.

Get started:

  fixres setup                install the fast engine, native TensorFlow
  fixres reproduce synthetic  run the experiment on built-in images, in minutes
  fixres train photos/        train on your photos, one folder per class

fixres --help lists all commands. fixres <command> --help explains one.
`;
