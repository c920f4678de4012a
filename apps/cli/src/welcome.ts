/** What `fixres` says when no command is given: what it is, how to begin, where help is. At most 80 characters a line. */
export const welcome = `fixres trains image classifiers with the FixRes recipe: train at a small
resolution, then fine-tune the last layers at a larger one.

To begin:

  fixres setup                install the fast engine, native TensorFlow
  fixres reproduce synthetic  run the experiment on built-in images, in minutes
  fixres train photos/        train on your own photos, one folder per class

fixres --help lists all commands. fixres <command> --help explains one.
`;
