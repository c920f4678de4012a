/** Text of the option `memory` for the absence of a maximum. Programs that use the API load it without the command line. */
export const noMemoryLimit = 'none';
