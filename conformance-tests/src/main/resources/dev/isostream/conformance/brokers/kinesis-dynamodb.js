// Runs dynalite on the loopback interface, with what it has in memory. Ends with its standard input.
'use strict';
const env = process.env;
const dynalite = require(env.EMULATORS_DYNAMODB_MODULE);

process.stdin.on('end', () => process.exit(0)).resume();
dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 })
  .once('error', problem => {
    console.error(problem);
    process.exit(1);
  })
  .listen(Number(env.EMULATORS_DYNAMODB_PORT), '127.0.0.1', () => console.log(env.EMULATORS_READY));
