/** Runs whose curves one page follows. More lines nobody tells apart, and each costs the page a redraw and the server a look at its log. */
export const MAX_FOLLOWED_RUNS = 64;

/** Numbers of a curve that are sent: about as many as a screen has columns. A multiple of 4. */
export const MAX_DRAWN_POINTS = 1024;

/** Rows of the table of runs that are sent at once. */
export const RUNS_PAGE = 200;

/** Rows of a file of predictions that are sent at once, at most. */
export const MAX_PREDICTIONS_PAGE = 500;
