// What the agent's window shows; everything is text, nothing is HTML.
import { at, event, failure, kindOf, lasting, reason, stateOf, until } from "./words.js";

function element(name, className, ...children) {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...children.filter((child) => child !== undefined && child !== ""));
  return made;
}

// breakable lets a long address go on in the next line after what parts it.
const breakable = (text) => text.split(/(?<=[^:/][/?&=#])(?=[^\s/?&=#])/).flatMap((part, i) => (i ? [element("wbr"), part] : [part]));

function time(value) {
  const made = element("time", "", at(value));
  made.dateTime = value;
  made.title = new Date(value).toLocaleString();
  return made;
}

const nameOf = (world, id) => world.names.get(id) ?? "somebody else";
// Other identities are ids that only providers and browsers know.
const known = (identity) => ["email", "phone"].includes(identity.kind) ? identity.value : undefined;
// Who has no name is told apart by the end of the contact's id.
export const contactName = (contact) => contact?.name || contact?.identities.map(known).find(Boolean) || (contact ? `Visitor ${contact.id.slice(-4).toUpperCase()}` : "Visitor");

export function conversationItem(world, conversation, current, choose) {
  const contact = world.contacts.get(conversation.contact_id);
  const button = element("button", "",
    element("span", "row", element("span", "who", contactName(contact)), time(conversation.last_message_at)),
    auto(element("div", "what", conversation.subject || kindOf(conversation.channel_kind))),
    element("span", "row",
      element("span", "small", `${kindOf(conversation.channel_kind)} · ${conversation.assignee_id ? nameOf(world, conversation.assignee_id) : "nobody"}`),
      element("span", `status ${conversation.status}`, conversation.status)));
  button.dataset.id = conversation.id;
  button.setAttribute("aria-current", current);
  button.onclick = choose;
  return element("li", "", button);
}

const SHOWN = /^image\/(png|jpeg|gif|webp|avif)$/;
const PLAYED = /^audio\/(mpeg|mp4|aac|ogg|webm|wav|x-wav)$/;

// auto is an element whose text may be written from right to left.
function auto(made) {
  made.dir = "auto";
  return made;
}

export function messageItem(world, message, contact, { download, source, rest }) {
  const out = message.direction === "out";
  const authors = { agent: () => nameOf(world, message.author.id), contact: () => contactName(contact), automation: () => "Automatic" };
  const held = message.state === "held" || message.state === "dropped";
  const failed = ["failed", "unknown"].includes(message.state);
  const state = out || held ? `, ${stateOf(message.state)}${message.error_code ? `: ${failure(message.error_code)}` : ""}` : "";
  const files = message.attachments.flatMap((file) => {
    const button = element("button", "file", file.name);
    button.type = "button";
    button.title = `Save ${file.name}`;
    button.onclick = () => download(file);
    if (SHOWN.test(file.content_type)) source(file).then((src) => button.prepend(Object.assign(element("img"), { src, alt: "" })), () => {}); // the name remains
    if (!PLAYED.test(file.content_type)) return button;
    const player = Object.assign(element("audio"), { controls: true, ariaLabel: file.name });
    source(file).then((src) => (player.src = src), () => player.remove());
    return [player, button];
  });
  const again = element("button", "rest", "Send what did not leave");
  again.type = "button";
  again.onclick = rest;
  return element("article", `message ${out ? "out" : "in"}`,
    message.text || held ? auto(element("div", "bubble", ...(held ? ["Not shown until the contact agrees"] : breakable(message.text)))) : undefined,
    ...files,
    element("div", `small ${failed ? "failed" : ""}`, authors[message.author.kind](), ", ", time(message.created_at), state),
    failed && message.error_detail ? element("div", "small failed", message.error_detail) : undefined,
    failed ? again : undefined);
}

export function factsOf(world, conversation, contact, answers) {
  const fact = (...parts) => element("p", "", ...parts);
  const strong = (text) => element("strong", "", text);
  const ways = (contact?.identities ?? []).map(known).filter(Boolean).join(", ");
  const facts = [
    fact(strong(conversation.assignee_id ? nameOf(world, conversation.assignee_id) : "Nobody"), ` has it; it is ${conversation.status}.`),
    fact(`From ${contactName(contact)} by ${world.channels.get(conversation.channel_id)?.name ?? kindOf(conversation.channel_kind)}.`),
  ];
  if (ways && ways !== contactName(contact)) facts.push(fact(ways));
  for (const { question, text } of answers) facts.push(fact(element("span", "small", question), element("br"), text));
  const link = element("a", "", "The workflow in Temporal");
  link.href = `${world.temporal}/namespaces/default/workflows/conversation:${conversation.id}`;
  link.target = "_blank";
  facts.push(fact(link));
  return facts;
}

// tell says in words what happened.
function tell(world, { kind, data, comment, actor }) {
  const who = (id) => nameOf(world, id);
  switch (kind) {
    case "assigned":
      return `Assigned to ${who(data.assignee_id)}: ${reason(data.reason)}`;
    case "not_answered_in_time":
      return `${who(data.agent_id)} did not answer in time`;
    case "message_state_changed":
      return `The answer is ${stateOf(data.state)}${data.code ? `: ${failure(data.code)}` : ""}`;
    case "conversation_snoozed":
      return `Put to sleep ${until(data.until)}`;
    case "notice_sent":
    case "notice_failed":
      return `${data.agent_id ? who(data.agent_id) : "The team"} ${event(kind)}`;
    case "call_ringing":
      return `${who(data.agent_id)}'s phone rings`;
    case "call_answered":
      return `${who(data.agent_id)} took the call`;
    case "call_unanswered":
      return `${who(data.agent_id)} did not take the call: ${failure(data.code)}`;
    case "call_ended":
      return `The call ended after ${lasting(data.seconds ?? 0)}${data.talked_seconds ? `, ${lasting(data.talked_seconds)} of it in talk` : ""}`;
    case "voicemail_left":
      return `A voice message${data.seconds ? ` of ${lasting(data.seconds)}` : ""} was left`;
    case "file_lost":
      return `${event(kind)}: ${failure(data.code)}`;
    case "messages_read":
      return actor.kind === "contact" ? "The contact read the answers" : `${who(actor.id)} read the messages`;
    case "comment_added":
      return `Comment by ${who(actor.id)}: ${comment ?? ""}`;
    default:
      return event(kind) + (data.reason && data.reason !== "created" ? `: ${reason(data.reason)}` : "");
  }
}

// Whoever acts is named by these themselves.
const named = ["messages_read", "comment_added", "call_answered"];

// isNews leaves out what the next line says again.
export const isNews = ({ kind, data }) => kind !== "message_state_changed" || data.state !== "sending";

export function timelineItem(world, entry) {
  const by = entry.actor.kind === "agent" && !named.includes(entry.kind) ? ` (${nameOf(world, entry.actor.id)})` : "";
  const candidates = (entry.data.candidates ?? []).map((c) =>
    element("li", c.reason === "chosen" ? "chosen" : "", `${nameOf(world, c.agent_id)}: ${reason(c.reason)}`));
  return element("li", "", element("span", "row", element("span", "", tell(world, entry) + by), time(entry.at)),
    candidates.length > 0 ? element("ul", "", ...candidates) : undefined);
}
