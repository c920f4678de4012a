/** An entry of a tar file; hostile values are allowed. */
export interface TarEntry {
  path: string;
  /** Type flag: `0` file, `5` folder, `2` symbolic link and so on. */
  type?: string;
  bytes?: Uint8Array;
  link?: string;
}

/** A ustar archive of the entries as given; nothing is checked. */
export function tarBytes(entries: readonly TarEntry[]): Buffer {
  const blocks = entries.flatMap(({ path, type = '0', bytes = new Uint8Array(), link = '' }) => {
    const header = Buffer.alloc(512);
    header.write(path, 0, 100, 'utf8');
    header.write('0000644\0', 100, 'latin1');
    header.write(`${bytes.length.toString(8).padStart(11, '0')}\0`, 124, 'latin1');
    header.write('        ', 148, 'latin1');
    header.write(type, 156, 'latin1');
    header.write(link, 157, 100, 'utf8');
    header.write('ustar\u000000', 257, 'latin1');
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
    return [header, Buffer.from(bytes), Buffer.alloc((512 - (bytes.length % 512)) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}
