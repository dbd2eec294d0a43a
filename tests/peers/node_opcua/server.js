// An OPC UA server made with node-opcua: `node server.js PORT JSON`, spoken to as
// tests/peers/asyncua_server.py is: "ready <monotonic s>", then "ok" for each line of stdin.
"use strict";
const fs = require("node:fs");
const readline = require("node:readline");
const { OPCUACertificateManager } = require("node-opcua-certificate-manager");
const { StatusCodes } = require("node-opcua-status-code");
const { DataType, VariantArrayType } = require("node-opcua-variant");
const { MessageSecurityMode, SecurityPolicy } = require("node-opcua-secure-channel");
const { standardUnits } = require("node-opcua-data-access");
const { OPCUAServer } = require("node-opcua-server");

const [port, options] = [Number(process.argv[2]), JSON.parse(process.argv[3] || "{}")];
const uri = options.uri || "urn:suian:peer";
const nodes = {};
let server;
let namespace;

function add(name, value, kind = "Double") {
  const folder = server.engine.addressSpace.rootFolder.objects;
  const facts = { organizedBy: folder, browseName: name, nodeId: `s=${name}`, minimumSamplingInterval: 50 };
  const first = { dataType: DataType[kind], value };
  if (name.startsWith("analog")) {
    const unit = { engineeringUnits: standardUnits.degree_celsius, engineeringUnitsRange: { low: -50, high: 150 } };
    nodes[name] = namespace.addAnalogDataItem({ ...facts, ...unit, dataType: kind, value: first });
  } else {
    nodes[name] = namespace.addVariable({ ...facts, dataType: "BaseDataType" });
    nodes[name].setValueFromSource(first); // as `value` it would take 0 for nothing
  }
}

const words = {
  add,
  set(name, value, kind = "Double", code = 0) {
    const known = code && Object.values(StatusCodes).find((one) => one.value === code);
    const arrayType = Array.isArray(value) ? VariantArrayType.Array : VariantArrayType.Scalar;
    const number = value === "nan" ? NaN : value;
    nodes[name].setValueFromSource({ dataType: DataType[kind], arrayType, value: number }, known || StatusCodes.Good);
  },
  async trust(file) {
    await server.serverCertificateManager.trustCertificate(fs.readFileSync(file));
  },
  delete(name) {
    server.engine.addressSpace.deleteNode(nodes[name].nodeId);
  },
  forget() {
    for (const session of Object.values(server.engine._sessions)) {
      for (const subscription of session.publishEngine.subscriptions) subscription.terminate();
    }
  },
};

async function main() {
  const store = { rootFolder: options.store, automaticallyAcceptUnknownCertificate: options.accepts !== false };
  server = new OPCUAServer({
    port,
    hostname: "127.0.0.1",
    resourcePath: "/suian/peer",
    allowAnonymous: !options.users,
    serverInfo: { applicationUri: options.application_uri || "urn:suian:peer:server" },
    serverCertificateManager: new OPCUACertificateManager(store),
    userCertificateManager: new OPCUACertificateManager({ ...store, rootFolder: `${options.store}/users` }),
    securityModes: (options.modes || ["None"]).map((name) => MessageSecurityMode[name]),
    securityPolicies: (options.policies || ["None"]).map((name) => SecurityPolicy[name]),
    ...(options.certificate ? { certificateFile: options.certificate, privateKeyFile: options.key } : {}),
    userManager: { isValidUser: (name, password) => name === "reader" && password === "secret" },
    serverCapabilities: { operationLimits: options.limits || {}, ...(options.capabilities || {}) },
  });
  await server.initialize();
  namespace = server.engine.addressSpace.registerNamespace(uri);
  for (let number = 0; number < (options.items || 3); number += 1) add(`v${number}`, number);
  await server.start();
  process.stdout.write(`ready ${Number(process.hrtime.bigint()) / 1e9}\n`);
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const [word, ...rest] = JSON.parse(line);
    await words[word](...rest);
    process.stdout.write("ok\n");
  }
  await server.shutdown(0);
}

console.log = console.warn = console.error; // stdout is for answers only
main().catch((error) => {
  console.error(error);
  process.exit(1);
});
