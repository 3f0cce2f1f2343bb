// Runs services of emulate, each on a loopback port that the system picks, for as
// long as standard input stays open. A line of the input, {service, seed,
// baseUrl}, starts one; the answer on the output is {port}.
import net from "node:net";
import { createInterface } from "node:readline";

// By itself emulate listens on all interfaces, and on a port that has to be
// known before.
const listen = net.Server.prototype.listen;
net.Server.prototype.listen = function () {
  this.once("listening", () => console.log(JSON.stringify({ port: this.address().port })));
  return listen.call(this, { host: "127.0.0.1", port: 0 });
};

const { createEmulator } = await import("emulate");
const input = createInterface({ input: process.stdin });
input.on("line", (line) => createEmulator(JSON.parse(line)));
input.once("close", () => process.exit());
