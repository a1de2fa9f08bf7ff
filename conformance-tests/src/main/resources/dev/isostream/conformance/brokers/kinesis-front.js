// Answers on one port for the emulators of Kinesis and DynamoDB, as AWS does on two: what a request is for stands in its
// X-Amz-Target. With EMULATORS_LOGIN_PORT there are two more ports, which verify signatures (the second one over TLS).
// Ends with its standard input.
'use strict';
const fs = require('fs');
const http = require('http');
const https = require('https');
const crypto = require('crypto');

const LOOPBACK = '127.0.0.1';
const env = process.env;

const kinesis = { port: Number(env.EMULATORS_KINESIS_PORT), agent: new http.Agent({ keepAlive: true, maxSockets: 64 }) };
const dynamoDb = { port: Number(env.EMULATORS_DYNAMODB_PORT), agent: new http.Agent({ keepAlive: true, maxSockets: 64 }) };
function pass(request, body, response) {
  const to = String(request.headers['x-amz-target'] || '').startsWith('DynamoDB') ? dynamoDb : kinesis;
  const headers = { ...request.headers, 'content-length': body.length };
  delete headers['transfer-encoding'];
  delete headers.expect;
  delete headers.connection;
  const forwarded = http.request({
    host: env.EMULATORS_HOST, port: to.port, agent: to.agent, method: request.method, path: request.url, headers,
  }, answer => {
    const back = { ...answer.headers };
    delete back.connection;
    delete back['keep-alive'];
    response.writeHead(answer.statusCode, back);
    answer.pipe(response);
  });
  forwarded.on('error', () => response.destroy());
  response.on('close', () => response.writableEnded || forwarded.destroy());
  forwarded.end(body);
}

function front(check) {
  return (request, response) => {
    const parts = [];
    request.on('data', part => parts.push(part));
    request.on('error', () => response.destroy());
    request.on('end', () => {
      const body = Buffer.concat(parts);
      const problem = check(request, body);
      if (problem) {
        refuse(request, response, problem);
      } else {
        pass(request, body, response);
      }
    });
  };
}

// --- whoever may not

function text(value) {
  const bytes = Buffer.from(value, 'utf8');
  const head = bytes.length < 24 ? [0x60 + bytes.length] : [0x78, bytes.length];
  return Buffer.concat([Buffer.from(head), bytes]);
}

function refuse(request, response, [code, message]) {
  const type = String(request.headers['content-type'] || 'application/json');
  const body = type.includes('cbor')
    ? Buffer.concat([Buffer.from([0xa2]), text('__type'), text(code), text('message'), text(message)])
    : Buffer.from(JSON.stringify({ __type: code, message }));
  response.writeHead(400, { 'content-type': type, 'x-amzn-errortype': code });
  response.end(body);
}

const hash = bytes => crypto.createHash('sha256').update(bytes).digest('hex');
const hmac = (key, value) => crypto.createHmac('sha256', key).update(value).digest();

function isSignedWith(secret, request, body, scope, names, signature) {
  const canonical = [
    request.method, request.url.split('?')[0], request.url.split('?')[1] || '',
    ...names.map(name => name + ':' + String(request.headers[name]).trim().replace(/ +/g, ' ')),
    '', names.join(';'), request.headers['x-amz-content-sha256'] || hash(body),
  ].join('\n');
  const signed = ['AWS4-HMAC-SHA256', request.headers['x-amz-date'], scope.join('/'), hash(canonical)].join('\n');
  const key = scope.reduce((made, part) => hmac(made, part), 'AWS4' + secret);
  return hmac(key, signed).toString('hex') === signature;
}

function login(request, body) {
  const found = /Credential=([^/]+)\/([^,]+), *SignedHeaders=([^,]+), *Signature=([0-9a-f]+)/.exec(request.headers.authorization || '');
  if (!found) {
    return ['MissingAuthenticationTokenException', 'Missing Authentication Token'];
  }
  const secrets = { [env.EMULATORS_ADMIN]: env.EMULATORS_ADMIN_SECRET, [env.EMULATORS_VISITOR]: env.EMULATORS_VISITOR_SECRET };
  const secret = secrets[found[1]];
  if (!secret) {
    return ['UnrecognizedClientException', 'The security token included in the request is invalid.'];
  }
  if (!isSignedWith(secret, request, body, found[2].split('/'), found[3].split(';'), found[4])) {
    return ['InvalidSignatureException', 'The request signature we calculated does not match the signature you provided.'];
  }
  return found[1] === env.EMULATORS_VISITOR
    ? ['AccessDeniedException', 'User is not authorized to perform: ' + request.headers['x-amz-target']]
    : null;
}

// --- start

function open(server, port) {
  server.keepAliveTimeout = 0;
  return new Promise((done, failed) => server.once('error', failed).listen(port, LOOPBACK, done));
}

async function start() {
  await open(http.createServer(front(() => null)), Number(env.EMULATORS_FRONT_PORT));
  if (env.EMULATORS_LOGIN_PORT) {
    const identity = { pfx: fs.readFileSync(env.EMULATORS_KEY_STORE), passphrase: env.EMULATORS_KEY_STORE_PASSWORD };
    await open(http.createServer(front(login)), Number(env.EMULATORS_LOGIN_PORT));
    await open(https.createServer(identity, front(login)), Number(env.EMULATORS_TLS_PORT));
  }
  console.log(env.EMULATORS_FRONT_READY);
}

process.stdin.on('end', () => process.exit(0)).resume();
start().catch(problem => {
  console.error(problem);
  process.exit(1);
});
