import { Client } from "./api.js";
import { answering, Templates } from "./compose.js";
import { loadData } from "./data.js";
import { Log } from "./log.js";
import { Marks } from "./marks.js";
import { contactName, conversationItem, factsOf, isNews, messageItem, timelineItem } from "./view.js";

const $ = (id) => document.getElementById(id);
const data = await loadData();
const names = new Map(data.agents.map((agent) => [agent.id, agent.name]));
const world = { names, contacts: new Map(), channels: new Map(data.channels.map((c) => [c.id, c])), temporal: data.temporal_ui_url };

const log = new Log($("messages"));
const marks = new Marks($("typing"));
const templates = new Templates($);
let client, me, open, listening;
let replyID = crypto.randomUUID();

// The agent stays the same when the page is loaded again; another window may have
// another one.
for (const agent of data.agents) $("agents").append(new Option(`${agent.name}${agent.admin ? " (admin)" : ""}`, agent.id));
$("agents").value = sessionStorage.agent ?? data.agents[0].id;
$("agents").onchange = () => become($("agents").value);

async function become(agentID) {
  sessionStorage.agent = agentID;
  listening?.abort();
  listening = new AbortController();
  client = new Client(data.agents.find((agent) => agent.id === agentID).token);
  await showMe(await client.get("/me"));
  await showCanned();
  client.listen(listening.signal, happened, (connected) => {
    $("connection").textContent = connected ? "" : "The connection is lost; trying again …";
    if (connected) refresh();
  });
}

async function showMe(agent) {
  me = agent;
  const available = agent.availability === "available";
  $("availability").setAttribute("aria-checked", available);
  $("availability-word").textContent = available ? "Available" : "Away";
}

$("availability").onclick = async () => {
  const status = me.availability === "available" ? "away" : "available";
  showMe(await client.call("PUT", "/me/availability", { status }));
};

// What happens at once is shown once.
let waiting;
function happened(event) {
  if (event.kind === "typing") {
    if (event.actor.kind === "contact" && event.conversation_id === open?.id) marks.visitorTypes(contactName(world.contacts.get(open.contact_id)));
    return;
  }
  if (event.kind === "message_received" && event.conversation_id === open?.id) marks.nobodyTypes();
  clearTimeout(waiting);
  waiting = setTimeout(refresh, 60);
}

async function refresh() {
  await showList();
  if (chosen) await show(chosen);
}

// contactOf is known from before, unless it is asked for again: what it is called and
// where it is answered changes.
async function contactOf(conversation, again) {
  const id = conversation.contact_id;
  if (id && (again || !world.contacts.get(id)?.name)) world.contacts.set(id, await client.get(`/contacts/${id}`));
  return world.contacts.get(id);
}

async function showList() {
  const { items } = await client.get("/conversations?limit=50");
  const shown = items.filter((c) => $("closed").checked || c.status !== "closed" || c.id === open?.id);
  await Promise.all(shown.map((c) => contactOf(c)));
  const had = document.activeElement?.dataset?.id;
  $("conversations").replaceChildren(...shown.map((c) => conversationItem(world, c, c.id === open?.id, () => show(c.id))));
  if (had) document.querySelector(`[data-id="${had}"]`)?.focus();
  if (!open && shown.length > 0 && !location.hash) await show(shown[0].id);
}
$("closed").onchange = showList;

// The conversation that was chosen last: what arrives later for another is dropped.
let chosen;
async function show(id) {
  chosen = id;
  const [conversation, messages, timeline, answers] = await Promise.all([
    client.get(`/conversations/${id}`), client.list(`/conversations/${id}/messages`), client.list(`/conversations/${id}/timeline`),
    client.get(`/conversations/${id}/answers`),
  ]);
  const contact = await contactOf(conversation, true);
  if (chosen !== id) return;
  const changed = open?.id !== id;
  open = conversation;
  if (changed) {
    history.replaceState(null, "", `#${id}`);
    marks.nobodyTypes();
    replyID = crypto.randomUUID();
    $("problem").textContent = "";
  }
  for (const button of document.querySelectorAll("#conversations button")) {
    button.setAttribute("aria-current", button.dataset.id === id);
  }
  $("subject").textContent = conversation.subject || contactName(contact);
  for (const id of ["actions", "messages", "compose"]) $(id).hidden = false;
  $("empty").hidden = true;
  const closed = conversation.status === "closed";
  document.querySelector("[data-action=take]").hidden = closed || conversation.assignee_id === me.id;
  document.querySelector("[data-action=close]").hidden = closed;
  document.querySelector("[data-action=reopen]").hidden = !closed;

  log.show(messages.map((m) => ({
    id: m.id, version: JSON.stringify([m, contactName(contact)]),
    make: () => messageItem(world, m, contact, handling(`/conversations/${id}/messages/${m.id}`)),
  })), changed);
  marks.sees(client, me, conversation, messages);
  await showComposing(conversation);
  $("facts").replaceChildren(...factsOf(world, conversation, contact, answers.items));
  $("timeline").replaceChildren(...timeline.filter(isNews).toReversed().map((e) => timelineItem(world, e)));
}

// handling saves the files of a message, fetches those that are shown or played once
// each, and sends what did not leave.
const fetched = new Map();
const handling = (path) => ({
  rest: async () => (await attempt(() => client.call("POST", `${path}/rest`))) && refresh(),
  download: (file) => attempt(() => client.download(`${path}/attachments/${file.id}`, file.name)),
  source: (file) => {
    if (!fetched.has(file.id)) {
      fetched.set(file.id, client.blob(`${path}/attachments/${file.id}`).then((blob) => URL.createObjectURL(blob)));
      fetched.get(file.id).catch(() => fetched.delete(file.id)); // the next time perhaps
    }
    return fetched.get(file.id);
  },
});

// showComposing shows what may be answered now; what is being written stays.
async function showComposing(conversation) {
  const { note, text, templates: only } = answering(conversation);
  $("note").hidden = !note;
  $("note").textContent = note ?? "";
  $("reply").hidden = !text && !only;
  const { templates: approved } = await client.get(`/channels/${conversation.channel_id}/templates`);
  templates.offer(approved, !!text);
}

$("actions").onclick = async (click) => {
  const action = click.target.dataset.action;
  if (!action) return;
  await attempt(() => action === "take"
    ? client.call("PUT", `/conversations/${open.id}/assignment`, { agent_id: me.id })
    : client.call("POST", `/conversations/${open.id}/${action}`));
  await refresh();
};

$("reply").onsubmit = async (submit) => {
  submit.preventDefault();
  // The same answer, sent again after a break, is sent once.
  const sent = await attempt(() =>
    client.call("POST", `/conversations/${open.id}/replies`, { ...templates.answer(), client_id: replyID }));
  if (!sent) return;
  templates.sent();
  replyID = crypto.randomUUID();
  await refresh();
};
$("text").oninput = () => marks.types(client, open);
$("text").onkeydown = (key) => {
  if (key.key === "Enter" && (key.ctrlKey || key.metaKey)) $("reply").requestSubmit();
};

async function attempt(act) {
  try {
    $("problem").textContent = "";
    await act();
    return true;
  } catch (error) {
    $("problem").textContent = error.message;
    return false;
  }
}

async function showCanned() {
  const canned = await client.list("/canned-replies");
  $("canned").replaceChildren(...canned.map((reply) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = reply.name;
    button.onclick = async () => {
      const filled = await client.call("POST", `/conversations/${open.id}/canned-replies/${reply.id}`);
      $("text").value = filled.text;
      $("text").focus();
    };
    return button;
  }));
}

await become($("agents").value);
if (location.hash.length > 1) await attempt(() => show(location.hash.slice(1)));
window.onhashchange = () => location.hash.length > 1 && attempt(() => show(location.hash.slice(1)));
document.onvisibilitychange = () => document.hidden || refresh();
window.onfocus = async () => showMe(await client.get("/me"));
