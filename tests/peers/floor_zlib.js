// Bare parts whose changesets are compressed.
'use strict';
module.exports = require('./floor').adapter(['zlib']);
