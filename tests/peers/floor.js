// Bare parts as a peer (floor.cc).
'use strict';
const path = require('path');

const adapter = words => ({
  url: port => port,
  server: (folder, port) => ({ cmd: program(), args: ['server', folder, String(port), ...words] }),
  clientCmd: (phase, o) => ({ cmd: program(), args: [phase, o.dir, String(o.url), String(o.n), String(o.limitMs || 600000), ...words] }),
});
const program = () => path.join(process.env.SONGSONG_BIN, 'peer_floor');

module.exports = { ...adapter([]), adapter };
