// A link that counts, and may be weak: passes bytes to and from a server on loopback.
//
//   node link.js '{"listen": 7001, "target": 7100, "rttMs": 600, "kbps": 50, "cutEveryS": 20}'
//
// rttMs, kbps and cutEveryS may be left out: then nothing is slowed or cut. One line each way, shared by all connections, as
// on one phone; a new connection costs one round trip. On the port `listen` + 1000: GET / tells the counts, GET /reset
// begins them anew. Bytes are those of TCP's payload; a turn is a burst of the client's that the server answered.
'use strict';
const net = require('net');
const http = require('http');

const kPacketBytes = 1400;
const kMostQueuedMs = 400; // beyond it the sender is told to wait, as a full socket would

const options = { rttMs: 0, kbps: 0, cutEveryS: 0, ...JSON.parse(process.argv[2]) };
const shaped = options.rttMs > 0 || options.kbps > 0;
const fresh = () => ({ up: 0, down: 0, conns: 0, http: 0, turns: 0, cuts: 0 });
let counts = fresh();
const freeAt = { up: 0, down: 0 }; // when the line has sent all that it was given
const open = new Set();

// When the last of so many bytes comes out at the other end.
function arrivalOf(bytes, way) {
  freeAt[way] = Math.max(Date.now(), freeAt[way]) + (options.kbps > 0 ? (bytes * 8) / options.kbps : 0);
  return freeAt[way] + options.rttMs / 2;
}

// One connection's bytes in one direction, delivered in order, each when it is due.
class Flow {
  constructor(way, to) {
    this.way = way;
    this.to = to;
    this.queue = [];
    this.timer = null;
  }
  pass(bytes) {
    for (let at = 0; at < bytes.length; at += kPacketBytes) {
      const packet = bytes.subarray(at, at + kPacketBytes);
      this.put(arrivalOf(packet.length, this.way), () => { if (!this.to.destroyed) this.to.write(packet); });
    }
    return freeAt[this.way] - Date.now();
  }
  afterwards(what) {
    this.put(this.queue.length > 0 ? this.queue.at(-1).due : arrivalOf(0, this.way), what);
  }
  put(due, what) {
    this.queue.push({ due, what });
    this.arm();
  }
  arm() {
    if (this.timer !== null || this.queue.length === 0) return;
    this.timer = setTimeout(() => {
      this.timer = null;
      while (this.queue.length > 0 && this.queue[0].due <= Date.now() + 1) this.queue.shift().what();
      this.arm();
    }, Math.max(0, this.queue[0].due - Date.now()));
  }
}

const kRequestLine = /(?:^|\n)(?:GET|POST|PUT|DELETE|HEAD|OPTIONS|PATCH) \S+ HTTP\/1\.[01]/g;

function count(bytes, way, connection) {
  counts[way] += bytes.length;
  if (way === 'up') {
    counts.http += (bytes.toString('latin1').match(kRequestLine) ?? []).length;
    if (connection.last !== 'up') ++counts.turns;
  }
  connection.last = way;
}

function passOn(from, to, way, connection) {
  const flow = new Flow(way, to);
  const then = what => { if (shaped) flow.afterwards(what); else what(); };
  from.on('data', bytes => {
    count(bytes, way, connection);
    if (!shaped) {
      if (!to.write(bytes)) { from.pause(); to.once('drain', () => from.resume()); }
      return;
    }
    const queuedMs = flow.pass(bytes);
    if (queuedMs > kMostQueuedMs) { from.pause(); setTimeout(() => from.resume(), queuedMs - kMostQueuedMs / 2); }
  });
  from.on('end', () => then(() => { if (!to.destroyed) to.end(); }));
  from.on('error', () => to.destroy());
  from.on('close', () => then(() => to.destroy()));
}

function accept(near) {
  ++counts.conns;
  near.setNoDelay(true);
  near.on('error', () => {});
  near.pause();
  setTimeout(() => {
    if (near.destroyed) return;
    const far = net.connect({ port: options.target, host: '127.0.0.1', allowHalfOpen: true });
    far.setNoDelay(true);
    const connection = { near, far, last: null };
    open.add(connection);
    near.on('close', () => { if (far.destroyed) open.delete(connection); });
    far.on('close', () => { if (near.destroyed) open.delete(connection); });
    passOn(near, far, 'up', connection);
    passOn(far, near, 'down', connection);
    near.resume();
  }, options.rttMs);
}

function cutAll() {
  for (const { near, far } of open) {
    ++counts.cuts;
    near.resetAndDestroy?.() ?? near.destroy();
    far.destroy();
  }
  open.clear();
  freeAt.up = freeAt.down = 0;
}

net.createServer({ allowHalfOpen: true }, accept).listen(options.listen, '127.0.0.1');
http.createServer((request, answer) => {
  const told = JSON.stringify(counts);
  if (request.url === '/reset') counts = fresh();
  answer.end(told);
}).listen(options.listen + 1000, '127.0.0.1');
if (options.cutEveryS > 0) setInterval(cutAll, options.cutEveryS * 1000);
