/** An option that is not allowed; its message is one line for the user. */
export class UsageError extends Error {}
