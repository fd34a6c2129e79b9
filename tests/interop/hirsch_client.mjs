// A client of Hirsch in pure JavaScript: SP and protobuf by hand on node's net, from README's page on the wire alone.
//
//   node hirsch_client.mjs tcp://127.0.0.1:7700 local:max-lam
import net from 'node:net';
import {pathToFileURL} from 'node:url';

export function varint(number) {
  const out = [];
  for (number = BigInt(number); number > 127n; number >>= 7n) {
    out.push(Number(number & 127n) | 128);
  }
  return Buffer.from([...out, Number(number)]);
}

// One protobuf field: bytes, text or a whole number.
export function field(number, value) {
  if (typeof value === 'number' || typeof value === 'bigint') {
    return Buffer.concat([varint(number << 3), varint(value)]);
  }
  const bytes = Buffer.from(value);
  return Buffer.concat([varint(number << 3 | 2), varint(bytes.length), bytes]);
}

// Every field of a message as {number: [values]}; numbers are BigInt, texts and messages stay bytes.
export function fields(message) {
  const found = {};
  let at = 0;
  const take = () => {
    for (let number = 0n, shift = 0n; ; shift += 7n) {
      const byte = message[at++];
      number |= BigInt(byte & 127) << shift;
      if (byte < 128) return number;
    }
  };
  while (at < message.length) {
    const tag = Number(take());
    let value;
    if ((tag & 7) === 0) {
      value = take();
    } else {
      const size = {1: 8, 5: 4}[tag & 7] ?? Number(take());
      value = message.subarray(at, at += size);
    }
    (found[tag >>> 3] ??= []).push(value);
  }
  return found;
}

export class Client {
  constructor(url) {
    const [, scheme, rest] = /^(tcp|ipc):\/\/(.+)$/.exec(url);
    const colon = rest.lastIndexOf(':');
    this.head = Buffer.from(scheme === 'ipc' ? [1] : []);
    this.waiting = new Map();
    this.last = 0;
    this.input = Buffer.alloc(0);
    this.greeted = false;
    this.socket = scheme === 'ipc' ? net.connect(rest) : net.connect(Number(rest.slice(colon + 1)), rest.slice(0, colon));
    this.socket.write(Buffer.from('0053500000300000', 'hex'));
    this.socket.on('data', (data) => this.take(data));
    this.socket.on('error', (error) => this.fail(error));
    this.socket.on('close', () => this.fail(new Error('the peer closed the connection')));
  }

  // Settles with {code, message, payload}; many calls may be outstanding.
  call(method, payload = Buffer.alloc(0), timeout = 60000) {
    const id = this.last = this.last % 0x7fffffff + 1;
    const body = Buffer.concat([field(1, method), field(2, timeout), field(4, payload)]);
    const words = Buffer.alloc(12);
    words.writeBigUInt64BE(BigInt(4 + body.length));
    words.writeUInt32BE((0x80000000 | id) >>> 0, 8);
    this.socket.write(Buffer.concat([this.head, words, body]));
    return new Promise((resolve, reject) => this.waiting.set(id, {resolve, reject}));
  }

  take(data) {
    this.input = Buffer.concat([this.input, data]);
    if (!this.greeted && this.input.length >= 8) {
      if (this.input.toString('hex', 0, 8) !== '0053500000310000') this.socket.destroy(new Error('no SP REP socket'));
      this.greeted = true;
      this.input = this.input.subarray(8);
    }
    const start = this.head.length + 8;
    while (this.greeted && this.input.length >= start) {
      const end = start + Number(this.input.readBigUInt64BE(this.head.length));
      if (this.input.length < end) return;
      const id = this.input.readUInt32BE(start) & 0x7fffffff;
      const found = fields(this.input.subarray(start + 4, end));
      this.input = this.input.subarray(end);
      this.waiting.get(id)?.resolve({
        code: Number(found[1]?.[0] ?? 0), message: String(found[2]?.[0] ?? ''), payload: found[5]?.[0] ?? Buffer.alloc(0)});
      this.waiting.delete(id);
    }
  }

  fail(error) {
    for (const {reject} of this.waiting.values()) reject(error);
    this.waiting.clear();
  }

  close() {
    this.socket.end();
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [url, id] = process.argv.slice(2);
  const client = new Client(url);
  const {code, message, payload} = await client.call('hirsch.v1.AuthorService/GetAuthor', field(1, id));
  client.close();
  if (code) throw new Error(`code ${code}: ${message}`);
  const author = fields(fields(payload)[1][0]);
  console.log(String(author[1][0]), String(author[3][0]));
}
