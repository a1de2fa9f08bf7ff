// Loaded into the process of kinesis-mock before it: binds everything to the loopback interface, and says when it serves. Ends with
// its standard input.
'use strict';
const net = require('net');
const http = require('http');

const LOOPBACK = '127.0.0.1';
const env = process.env;

const listen = net.Server.prototype.listen;
net.Server.prototype.listen = function (...args) {
  const first = args[0];
  if (first !== null && typeof first === 'object' && first.port !== undefined && !first.path) {
    args[0] = { ...first, host: LOOPBACK };
  } else if (typeof first === 'number' || /^\d+$/.test(first)) {
    if (typeof args[1] === 'string') {
      args[1] = LOOPBACK;
    } else {
      args.splice(1, 0, LOOPBACK);
    }
  }
  return listen.apply(this, args);
};

function whenItServes(done) {
  http.get({ host: LOOPBACK, port: env.KINESIS_MOCK_PLAIN_PORT, path: '/healthcheck', agent: false }, answer => {
    answer.resume();
    done();
  }).on('error', () => setTimeout(whenItServes, 20, done));
}

process.stdin.on('end', () => process.exit(0)).resume();
whenItServes(() => console.log(env.EMULATORS_READY));
