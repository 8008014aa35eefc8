// SongSong as a peer: the adapter that the harness asks how to start the server and a client. scripts/peers.sh says in
// SONGSONG_BIN where the programs are.
'use strict';
const path = require('path');

const program = name => path.join(process.env.SONGSONG_BIN, name);

module.exports = {
  server: (folder, port) => ({ cmd: program('peer_songsong_server'), args: [folder, String(port)] }),
  clientCmd: (phase, o) => ({
    cmd: program('peer_songsong'),
    // Tickets are issued in the server's folder, which the harness makes beside the clients'.
    args: [phase, o.dir, path.join(o.dir, '..', 'srv'), o.url, String(o.n), String(o.limitMs || 600000)],
  }),
};
