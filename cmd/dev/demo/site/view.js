// What the agent's window shows; everything is text, nothing is HTML.
import { at, event, reason, windowState } from "./words.js";

function element(name, className, ...children) {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...children.filter((child) => child !== undefined && child !== ""));
  return made;
}

function time(value) {
  const made = element("time", "", at(value));
  made.dateTime = value;
  made.title = new Date(value).toLocaleString();
  return made;
}

const nameOf = (world, id) => world.names.get(id) ?? "somebody else";
const known = (identity) => identity && identity.kind !== "cookie" ? identity.value : undefined;
export const contactName = (contact) => contact?.name || contact?.identities.map(known).find(Boolean) || "Visitor";

export function conversationItem(world, conversation, current, choose) {
  const contact = world.contacts.get(conversation.contact_id);
  const button = element("button", "",
    element("span", "row", element("span", "who", contactName(contact)), time(conversation.last_message_at)),
    element("div", "what", conversation.subject || world.channels.get(conversation.channel_id)?.name || conversation.channel_kind),
    element("span", "row",
      element("span", "small", conversation.assignee_id ? nameOf(world, conversation.assignee_id) : "nobody"),
      element("span", `status ${conversation.status}`, conversation.status)));
  button.dataset.id = conversation.id;
  button.setAttribute("aria-current", current);
  button.onclick = choose;
  return element("li", "", button);
}

export function messageItem(world, message, contact) {
  const out = message.direction === "out";
  const authors = { agent: () => nameOf(world, message.author.id), contact: () => contactName(contact), automation: () => "Automatic" };
  const files = message.attachments.map((file) => `\n📎 ${file.name}`).join("");
  const failed = ["failed", "unknown"].includes(message.state);
  const state = out ? `, ${message.state}${message.error_code ? ` (${message.error_code})` : ""}` : "";
  return element("article", `message ${out ? "out" : "in"}`,
    element("div", "bubble", message.text + files),
    element("div", `small ${failed ? "failed" : ""}`, authors[message.author.kind](), ", ", time(message.created_at), state));
}

export function factsOf(world, conversation, contact) {
  const fact = (...parts) => element("p", "", ...parts);
  const strong = (text) => element("strong", "", text);
  const facts = [
    fact(strong(conversation.assignee_id ? nameOf(world, conversation.assignee_id) : "Nobody"), ` has it; it is ${conversation.status}.`),
    fact(`From ${contactName(contact)} by ${world.channels.get(conversation.channel_id)?.name ?? conversation.channel_kind}.`),
  ];
  const { state, closes_at: closes } = conversation.window;
  if (state !== "none") facts.push(fact(`Window: ${windowState(state)}${closes ? ` until ${new Date(closes).toLocaleString()}` : ""}.`));
  const link = element("a", "", "The workflow in Temporal");
  link.href = `${world.temporal}/namespaces/default/workflows/conversation:${conversation.id}`;
  link.target = "_blank";
  facts.push(fact(link));
  return facts;
}

export function timelineItem(world, entry) {
  const { data } = entry;
  const line = [event(entry.kind)];
  if (entry.kind === "assigned") line.push(` to ${nameOf(world, data.assignee_id)}: ${reason(data.reason)}`);
  else if (entry.kind === "message_state_changed") line.push(` ${data.state ?? ""}`);
  else if (data.reason && data.reason !== "created") line.push(`: ${reason(data.reason)}`);
  if (entry.comment) line.push(`: ${entry.comment}`);
  if (entry.actor.kind === "agent") line.push(` (${nameOf(world, entry.actor.id)})`);
  const candidates = (data.candidates ?? []).map((c) =>
    element("li", c.reason === "chosen" ? "chosen" : "", `${nameOf(world, c.agent_id)}: ${reason(c.reason)}`));
  return element("li", "", element("span", "row", element("span", "", line.join("")), time(entry.at)),
    candidates.length > 0 ? element("ul", "", ...candidates) : undefined);
}
