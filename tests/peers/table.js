// What run.js measured, as Markdown: medians of the repeats, the machine's load beside them.
//
//   node table.js FILE.ndjson...
'use strict';
const fs = require('fs');
const { median } = require('./measure');

const rows = process.argv.slice(2).flatMap(file => fs.readFileSync(file, 'utf8').split('\n').filter(Boolean).map(line => JSON.parse(line)));
const peers = [...new Set(rows.map(row => row.peer))];
const of = (peer, phase) => rows.filter(row => row.peer === peer && row.phase === phase && !row.error && !row.incomplete);
const figure = (value, digits) => (value === null || value === undefined ? '–' : value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits }));
const mid = (peer, phase, key, digits = 0, scale = 1) => {
  const value = median(of(peer, phase).map(row => row[key]));
  return figure(value === null ? null : value / scale, digits);
};
const kilo = 1e3, mega = 1e6;

function print(title, heads, line) {
  console.log(`\n**${title}**\n\n| ${heads.join(' | ')} |\n|${' --- |'.repeat(heads.length)}`);
  for (const peer of peers) console.log(`| ${[peer, ...line(peer)].join(' | ')} |`);
}

const transfer = phase => peer => [
  of(peer, phase).length, mid(peer, phase, 'wall', 2), mid(peer, phase, 'client_cpu', 2), mid(peer, phase, 'server_cpu', 2),
  mid(peer, phase, 'server_mb'), mid(peer, phase, 'up', 0, kilo), mid(peer, phase, 'down', 0, kilo), mid(peer, phase, 'turns'),
  mid(peer, phase, 'server_disk', 1, mega),
];
const transferHeads = ['system', 'runs', 's', 'client CPU s', 'server CPU s', 'server memory MB', 'kB up', 'kB down', 'turns', 'server disk MB'];

print('One client pushes 17,049 records (w1)', transferHeads, transfer('w1push'));
print('An empty client pulls them', transferHeads, transfer('w1pull'));
print('200 clients push 10 changes each, 4 at a time (w2)', ['system', 'runs', 'p50 ms', 'p99 ms', 'changes/s', 'server CPU s', 'kB up', 'kB down', 'failed'], peer => [
  of(peer, 'w2').length, mid(peer, 'w2', 'p50', 1), mid(peer, 'w2', 'p99', 1), mid(peer, 'w2', 'rps'), mid(peer, 'w2', 'server_cpu', 2),
  mid(peer, 'w2', 'up', 0, kilo), mid(peer, 'w2', 'down', 0, kilo), mid(peer, 'w2', 'fail')]);
print('Two clients edit 1,000 records in different fields and 1,000 in the same, offline, then synchronise (w3)',
  ['system', 'runs', 's', 'reading it back included', 'different fields: both kept', 'one side lost', 'same field: shown is A / B', 'conflicts shown', 'A and B differ', 'kB up', 'kB down'], peer => {
    const last = of(peer, 'w3').at(-1);
    if (last === undefined) return Array(10).fill('–');
    const apart = last.diff_field;
    const reading = row => (row.verify_ms ?? 0) / 1000;
    return [of(peer, 'w3').length, figure(median(of(peer, 'w3').map(row => row.wall - reading(row))), 2), mid(peer, 'w3', 'wall', 2), apart.both_kept, apart.only_A + apart.only_B + apart.neither,
      `${last.same_field.A} / ${last.same_field.B}`, last.visible ?? 'no API', last.diverged, mid(peer, 'w3', 'up', 0, kilo), mid(peer, 'w3', 'down', 0, kilo)];
  });
print('500 records over 600 ms and 50 kbit/s, cut every 20 s (w4), and without the bad link (w4base)',
  ['system', 'runs', 's', 'kB up', 'kB down', 'turns', 'cuts', 'base: s', 'base: kB up', 'base: kB down'], peer => {
    const runs = rows.filter(row => row.peer === peer && row.phase === 'w4');
    const done = of(peer, 'w4');
    const seconds = done.length > 0 ? mid(peer, 'w4', 'wall', 1) : runs.length > 0 ? `not in ${Math.round(runs[0].wall ?? 600)}` : '–';
    return [`${done.length} of ${runs.length}`, seconds, mid(peer, 'w4', 'up', 1, kilo), mid(peer, 'w4', 'down', 1, kilo), mid(peer, 'w4', 'turns'),
      mid(peer, 'w4', 'cuts'), mid(peer, 'w4base', 'wall', 2), mid(peer, 'w4base', 'up', 1, kilo), mid(peer, 'w4base', 'down', 1, kilo)];
  });
print('Killed (-9) the moment its client says "synced"', ['system', 'records pushed', 'found afterwards'], peer => {
  const last = rows.filter(row => row.peer === peer && row.phase === 'kill').at(-1);
  return last === undefined ? ['–', '–'] : [last.pushed, last.error ?? last.found];
});
