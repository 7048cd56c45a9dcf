/** What CPython's pickle.dumps(text, protocol=4) writes. */
export function pickled(text: string): Buffer {
  const utf8 = Buffer.from(text);
  const isShort = utf8.length < 256;
  const length = Buffer.alloc(isShort ? 1 : 4);
  if (isShort) length.writeUInt8(utf8.length);
  else length.writeUInt32LE(utf8.length);
  const body = Buffer.concat([Buffer.from([isShort ? 0x8c : 0x58]), length, utf8, Buffer.from([0x94, 0x2e])]);
  const frame = Buffer.alloc(8);
  frame.writeBigUInt64LE(BigInt(body.length));
  return Buffer.concat([Buffer.from([0x80, 4, 0x95]), frame, body]);
}
