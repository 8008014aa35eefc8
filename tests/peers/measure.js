// What a process and all it started have used, and small tools of the harness.
'use strict';
const fs = require('fs');
const net = require('net');
const http = require('http');
const { execFileSync } = require('child_process');

const kTicksPerSecond = 100; // USER_HZ, fixed on Linux
const kPortWaitMs = 60000;

// The fields of /proc/PID/stat after the name, which may hold anything; null when the process is gone.
function statOf(pid) {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return null;
  }
}

function withDescendants(pid) {
  const children = new Map();
  for (const name of fs.readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = statOf(name);
    if (stat === null) continue;
    const parent = Number(stat[1]);
    children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const all = [pid];
  for (let i = 0; i < all.length; ++i) all.push(...(children.get(all[i]) ?? []));
  return all;
}

// Seconds of user and system time, with those of children that have ended.
function cpuSeconds(pid) {
  let ticks = 0;
  for (const each of withDescendants(pid)) {
    const stat = statOf(each);
    if (stat !== null) ticks += Number(stat[11]) + Number(stat[12]) + Number(stat[13]) + Number(stat[14]);
  }
  return ticks / kTicksPerSecond;
}

// Shared pages count in parts.
function memoryMegabytes(pid) {
  let kilobytes = 0;
  for (const each of withDescendants(pid)) {
    try {
      const match = /^Pss:\s+(\d+)/m.exec(fs.readFileSync(`/proc/${each}/smaps_rollup`, 'latin1'));
      if (match) kilobytes += Number(match[1]);
    } catch {
      // it has ended meanwhile
    }
  }
  return kilobytes / 1024;
}

class MemoryWatch {
  constructor(pid, everyMs = 250) {
    this.most = 0;
    this.look = () => { this.most = Math.max(this.most, memoryMegabytes(pid)); };
    this.timer = setInterval(this.look, everyMs);
    this.look();
  }
  stop() {
    clearInterval(this.timer);
    this.look();
    return this.most;
  }
}

const sleep = ms => new Promise(resolve => setTimeout(resolve, ms));

function listens(port) {
  return new Promise(resolve => {
    const socket = net.connect(port, '127.0.0.1', () => { socket.destroy(); resolve(true); });
    socket.on('error', () => resolve(false));
  });
}

async function waitFor(port, wanted = true) {
  const until = Date.now() + kPortWaitMs;
  while (await listens(port) !== wanted) {
    if (Date.now() > until) throw new Error(`port ${port} is ${wanted ? 'not up' : 'in use'}`);
    await sleep(100);
  }
}

function fetchJson(url) {
  return new Promise((resolve, reject) => {
    http.get(url, answer => {
      let body = '';
      answer.on('data', part => { body += part; });
      answer.on('end', () => { try { resolve(JSON.parse(body)); } catch (error) { reject(error); } });
    }).on('error', reject);
  });
}

const diskBytes = folder => Number(execFileSync('du', ['-s', '-B1', folder]).toString().split(/\s/)[0]);

function median(values) {
  const sorted = values.filter(value => Number.isFinite(value)).sort((one, other) => one - other);
  if (sorted.length === 0) return null;
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

module.exports = { cpuSeconds, MemoryWatch, sleep, waitFor, fetchJson, diskBytes, median };
