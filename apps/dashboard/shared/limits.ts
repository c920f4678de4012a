/** Runs whose curves one page follows. More lines nobody tells apart, and each costs the page a redraw and the server a look at its log. */
export const MAX_FOLLOWED_RUNS = 64;
