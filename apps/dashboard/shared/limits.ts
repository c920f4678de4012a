/**
 * Maximum number of runs whose curves one page follows. More lines cannot be distinguished, and
 * each costs the page a redraw and the server a refresh of its log.
 */
export const MAX_FOLLOWED_RUNS = 64;

/**
 * Maximum numbers of a curve that are sent: about as many as a screen has columns. A multiple of 4.
 */
export const MAX_DRAWN_POINTS = 1024;

/** Maximum rows of the table of runs in one response. */
export const RUNS_PAGE = 200;

/** Maximum rows of a file of predictions in one response. */
export const MAX_PREDICTIONS_PAGE = 500;
