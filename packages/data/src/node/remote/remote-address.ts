/** Whether a data set is named by an address, `https://…`, `http://…` or `s3://…`, and not by a path. */
export function isRemoteAddress(text: string): boolean {
  return /^(?:https?|s3):\/\//i.test(text);
}

/** The last part of an address's path: `train-000.tar` of `https://example.org/photos/train-000.tar?v=2`. */
export function addressName(address: string): string {
  return withoutQuery(address).split('/').at(-1)!;
}

/** The address of a file in the same folder; it keeps the query, which can be a signature. */
export function besideAddress(address: string, name: string): string {
  const path = withoutQuery(address);
  return `${path.slice(0, path.lastIndexOf('/') + 1)}${name}${address.slice(path.length)}`;
}

/** An address as texts and published files have it: without its query, which can be a signature. */
export function withoutSignature(address: string): string {
  return isRemoteAddress(address) ? withoutQuery(address) : address;
}

/** The name of an object in S3 may contain `?` and `#`, which begin other parts of a web address. */
function withoutQuery(address: string): string {
  return /^s3:/i.test(address) ? address : /^[^?#]*/.exec(address)![0];
}
