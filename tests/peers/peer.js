// A system of the comparison: its server, its clients and the link between them, as the harness starts them.
//
// An adapter (songsong.js, floor.js, or peers/NAME.js of a folder with other systems) exports
//   server(folder, port) -> {cmd, args, env, cwd}
//   clientCmd(phase, o) -> {cmd, args, env}         o = {dir, url, direct, n, limitMs, shared}; without it the folder's
//                                                   common/work.js is the client
// and may export port, url(port), prepare(folder, port), ready(port, server).
//
// A client prepares, prints "READY {}", waits for a line, works, prints "DONE {}", waits for a line.
'use strict';
const fs = require('fs');
const os = require('os');
const path = require('path');
const readline = require('readline');
const { spawn } = require('child_process');
const { sleep, waitFor } = require('./measure');

const kEndMs = 5000; // how long a process is given to end by itself

class Client {
  constructor(command) {
    this.process = spawn(command.cmd, command.args, { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, ...command.env } });
    this.process.stdin.on('error', () => {}); // it has ended: `over` says so
    this.lines = [];
    this.over = false;
    this.wake = () => {};
    const reader = readline.createInterface({ input: this.process.stdout });
    reader.on('line', line => { this.lines.push(line); this.wake(); });
    reader.on('close', () => { this.over = true; this.wake(); });
  }
  get pid() { return this.process.pid; }
  say(line) { this.process.stdin.write(line + '\n'); }

  // What it tells on the line that begins so; an error when it is done, or over, or out of time before.
  async told(word, limitMs) {
    const until = Date.now() + limitMs;
    for (;;) {
      while (this.lines.length > 0) {
        const line = this.lines.shift();
        if (line.startsWith(word)) return JSON.parse(line.slice(word.length) || '{}');
        if (line.startsWith('DONE')) return { error: 'done too early', ...JSON.parse(line.slice(4)) };
      }
      if (this.over) return { error: 'the client ended' };
      const left = until - Date.now();
      if (left <= 0) return { error: `not within ${Math.round(limitMs / 1000)} s` };
      await new Promise(resolve => {
        const timer = setTimeout(resolve, left);
        this.wake = () => { clearTimeout(timer); resolve(); };
      });
    }
  }
}

class Peer {
  constructor({ name, adapter, folder, portBase }) {
    this.name = name;
    this.adapter = require(adapter);
    this.others = folder; // where common/work.js is
    this.linkPort = portBase;
    this.port = this.adapter.port ?? portBase + 99;
    this.data = path.join(os.tmpdir(), `songsong-peers-${process.pid}-${name}`);
    this.children = [];
  }

  get serverFolder() { return path.join(this.data, 'srv'); }
  urlOf(port) { return this.adapter.url ? this.adapter.url(port) : `http://127.0.0.1:${port}`; }

  async startServer({ fresh }) {
    await waitFor(this.port, false);
    if (fresh) fs.rmSync(this.data, { recursive: true, force: true });
    fs.mkdirSync(this.serverFolder, { recursive: true });
    if (fresh && this.adapter.prepare) await this.adapter.prepare(this.serverFolder, this.port);
    const command = await this.adapter.server(this.serverFolder, this.port);
    const log = fs.openSync(path.join(this.data, 'server.log'), 'a');
    this.server = this.start(command, { cwd: command.cwd ?? this.data, stdio: ['ignore', log, log] });
    fs.closeSync(log);
    await waitFor(this.port);
    if (fresh && this.adapter.ready) await this.adapter.ready(this.port, this.server);
  }

  async startLink(weakness = {}) {
    await waitFor(this.linkPort, false);
    const options = { listen: this.linkPort, target: this.port, ...weakness };
    const command = { cmd: process.execPath, args: [path.join(__dirname, 'link.js'), JSON.stringify(options)] };
    this.link = this.start(command, { stdio: 'inherit' });
    await waitFor(this.linkPort + 1000);
  }

  start(command, options) {
    const child = spawn(command.cmd, command.args, { env: { ...process.env, ...command.env }, ...options });
    this.children.push(child);
    return child;
  }

  client(phase, given) {
    const folder = path.join(this.data, given.as ?? phase);
    fs.mkdirSync(folder, { recursive: true });
    const o = { dir: folder, url: this.urlOf(given.port ?? this.linkPort), direct: this.urlOf(this.port), shared: path.join(this.data, 'shared.json'), ...given };
    const command = this.adapter.clientCmd ? this.adapter.clientCmd(phase, o) : {
      cmd: this.adapter.node ?? process.execPath,
      args: [...(this.adapter.nodeArgs ?? []), path.join(this.others, 'common/work.js'), this.name, phase, JSON.stringify(o)],
    };
    const client = new Client(command);
    this.children.push(client.process);
    return client;
  }

  async end(child, signal = 'SIGTERM') {
    const over = () => child.exitCode !== null || child.signalCode !== null;
    if (!over()) child.kill(signal);
    for (const until = Date.now() + kEndMs; !over() && Date.now() < until;) await sleep(50);
    if (!over()) child.kill('SIGKILL');
  }

  async stop() {
    for (const child of this.children.splice(0).reverse()) await this.end(child);
  }

  removeData() { fs.rmSync(this.data, { recursive: true, force: true }); }
}

module.exports = { Peer };
