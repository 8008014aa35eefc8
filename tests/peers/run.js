// Runs one system through the phases, and once more to be killed, and appends what was measured to a file.
//
//   node run.js --adapter FILE --out FILE.ndjson [--others FOLDER] [--repeat 3] [--phases w1,w2,w3,w4base,w4,kill] [--port 7001]
//
// The system's name is the adapter's. --others: a folder whose common/work.js is the client of adapters without one.
'use strict';
const fs = require('fs');
const path = require('path');
const { parseArgs } = require('util');
const { Peer } = require('./peer');
const { cpuSeconds, MemoryWatch, sleep, fetchJson, diskBytes } = require('./measure');

const kRecords = 17049;
const kWeakRecords = 500;
const kKilledRecords = 1000;
const kWeakLink = { rttMs: 600, kbps: 50, cutEveryS: 20 };
const kPrepareMs = 600000;
const kLimitMs = 600000; // of one phase
const kGraceMs = 60000;  // beyond the limit that the client was told
const kSettleMs = 1500;  // the server's work that follows an answer is its work too

function peakMegabytes(pid) {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'latin1'))[1]) / 1024;
  } catch {
    return null;
  }
}

async function measured(peer, phase, { as = phase, n = kRecords } = {}) {
  const client = peer.client(phase, { as, n, limitMs: kLimitMs });
  const ready = await client.told('READY', kPrepareMs);
  if (ready.error) { await peer.end(client.process); return { phase: as, ...ready }; }
  await sleep(500);
  const counts = `http://127.0.0.1:${peer.linkPort + 1000}/`;
  await fetchJson(counts + 'reset');
  const memory = new MemoryWatch(peer.server.pid);
  const server = cpuSeconds(peer.server.pid), own = cpuSeconds(client.pid), began = process.hrtime.bigint();
  client.say('GO');
  const done = await client.told('DONE', kLimitMs + kGraceMs);
  const wall = Number(process.hrtime.bigint() - began) / 1e9;
  const ownCpu = cpuSeconds(client.pid) - own, ownMemory = peakMegabytes(client.pid);
  const link = await fetchJson(counts);
  await sleep(kSettleMs);
  const result = {
    phase: as, wall, client_cpu: ownCpu, server_cpu: cpuSeconds(peer.server.pid) - server, client_mb: ownMemory,
    server_mb: memory.stop(), ...link, server_disk: diskBytes(peer.serverFolder), ...ready, ...done,
  };
  client.say('EXIT');
  await peer.end(client.process);
  return result;
}

// One client pushes; the server is killed at the moment the client believes it is synced; what does an empty client find?
async function killed(peer) {
  await peer.startServer({ fresh: true });
  const pushing = peer.client('w1push', { as: 'kill-push', n: kKilledRecords, limitMs: kLimitMs, port: peer.port });
  const ready = await pushing.told('READY', kPrepareMs);
  if (!ready.error) pushing.say('GO');
  const pushed = ready.error ? ready : await pushing.told('DONE', kLimitMs + kGraceMs);
  peer.server.kill('SIGKILL');
  pushing.process.kill('SIGKILL');
  await sleep(1000);
  await peer.startServer({ fresh: false });
  const pulling = peer.client('w1pull', { as: 'kill-pull', n: kKilledRecords, limitMs: kGraceMs, port: peer.port });
  const prepared = await pulling.told('READY', kPrepareMs);
  if (!prepared.error) pulling.say('GO');
  const pulled = prepared.error ? prepared : await pulling.told('DONE', kGraceMs);
  return { phase: 'kill', pushed: kKilledRecords, found: pulled.count ?? 0, ...(pushed.error ? { error: pushed.error } : {}) };
}

async function main() {
  const { values } = parseArgs({
    options: {
      adapter: { type: 'string' }, out: { type: 'string' }, others: { type: 'string' },
      repeat: { type: 'string', default: '3' }, phases: { type: 'string', default: 'w1,w2,w3,w4base,w4,kill' },
      port: { type: 'string', default: '7001' },
    },
  });
  const name = path.basename(values.adapter, '.js');
  const phases = new Set(values.phases.split(','));
  const peer = new Peer({ name, adapter: path.resolve(values.adapter), folder: values.others, portBase: Number(values.port) });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => { peer.children.forEach(child => child.kill('SIGKILL')); process.exit(1); });
  let failed = false;
  const keep = result => {
    const line = JSON.stringify({ peer: name, ...result });
    fs.appendFileSync(values.out, line + '\n');
    console.log(line);
    failed ||= 'error' in result || result.incomplete === true;
  };
  const within = async (weakness, work) => {
    try {
      await peer.startServer({ fresh: true });
      await peer.startLink(weakness);
      await work();
    } finally {
      await peer.stop();
    }
  };
  for (let i = 0; i < Number(values.repeat); ++i) {
    if (phases.has('w1') || phases.has('w2') || phases.has('w3')) {
      await within({}, async () => {
        keep(await measured(peer, 'w1push'));
        if (phases.has('w1')) keep(await measured(peer, 'w1pull'));
        for (const phase of ['w2', 'w3']) if (phases.has(phase)) keep(await measured(peer, phase));
      });
    }
    if (phases.has('w4base')) await within({}, async () => keep(await measured(peer, 'w4', { as: 'w4base', n: kWeakRecords })));
    if (phases.has('w4')) await within(kWeakLink, async () => keep(await measured(peer, 'w4', { n: kWeakRecords })));
  }
  if (phases.has('kill')) {
    try { keep(await killed(peer)); } finally { await peer.stop(); }
  }
  peer.removeData();
  process.exit(failed ? 1 : 0);
}

main().catch(error => { console.error(error); process.exit(1); });
