// Reads mails as JSON lines {subject, body} and prints for each, in a line, the
// address of the original sender that email-forward-parser finds, "" for none.
import { createInterface } from "node:readline";
import EmailForwardParser from "email-forward-parser";

const parser = new EmailForwardParser();

for await (const line of createInterface({ input: process.stdin })) {
  const { subject, body } = JSON.parse(line);
  const { email } = parser.read(body, subject || undefined);
  console.log(JSON.stringify({ address: email?.from?.address ?? "" }));
}
