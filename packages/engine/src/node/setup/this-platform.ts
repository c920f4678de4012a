/** This machine, as `linux-x64` for example. */
export const thisPlatform: string = [process.platform, process.arch].join('-');
