// Loaded into the process of kinesis-mock before it: binds everything to the loopback interface and runs dynalite beside it. What
// they have is in memory. Ends with its standard input.
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

function serves() {
  return new Promise(done => http.get({ host: LOOPBACK, port: env.KINESIS_MOCK_PLAIN_PORT, path: '/healthcheck', agent: false }, answer => {
    answer.resume();
    done(answer.statusCode === 200);
  }).on('error', () => done(false)));
}

async function start() {
  const dynalite = require(env.EMULATORS_DYNAMODB_MODULE);
  const server = dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  await new Promise((done, failed) => server.once('error', failed).listen(Number(env.EMULATORS_DYNAMODB_PORT), LOOPBACK, done));
  while (!await serves()) {
    await new Promise(done => setTimeout(done, 20));
  }
  console.log(env.EMULATORS_READY);
}

process.stdin.on('end', () => process.exit(0)).resume();
start().catch(problem => {
  console.error(problem);
  process.exit(1);
});
