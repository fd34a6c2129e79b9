// Lines "METHOD HEX" in, lines "CODE HEX MESSAGE" out, in their order; all calls outstanding at once.
//
//   node call_all.mjs tcp://127.0.0.1:7700 <calls
import {createInterface} from 'node:readline';
import {Client} from './hirsch_client.mjs';

const client = new Client(process.argv[2]);
const calls = [];
for await (const line of createInterface({input: process.stdin})) {
  const [method, hex = ''] = line.split(' ');
  calls.push(client.call(method, Buffer.from(hex, 'hex')));
}
for (const {code, message, payload} of await Promise.all(calls)) {
  console.log(`${code} ${payload.toString('hex')} ${message}`);
}
client.close();
