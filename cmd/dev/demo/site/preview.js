// The settings that are seen, beside a preview that follows each key. Nothing is
// published before the button says so.
import { Client } from "./api.js";
import { loadData } from "./data.js";

const $ = (id) => document.getElementById(id);
const data = await loadData();
const client = new Client(data.agents.find((agent) => agent.admin).token);

// A field is a name under which it stands in the API, what people call it, and its
// kind: "line", "text", "box" or a list of choices. "flow." are those of the chatflow.
const fields = {
  chat: [
    "Look",
    ["settings.accent_colour", "Colour", "colour"],
    ["settings.position", "Side of the page", ["right", "left"]],
    ["settings.heading.name", "Heading", "line"],
    ["settings.language", "Language of the chat's own words", ["en", "de", "fr", "es", "pt", "ar"]],
    "Before somebody writes",
    ["flow.greeting", "Greeting of the active chatflow", "text"],
    ["settings.welcome_message", "Welcome message", "text"],
    ["settings.prompt.enabled", "Pops open by itself", "box"],
    ["settings.prompt.text", "What pops open (else the welcome message)", "line"],
    "Who is there",
    ["settings.availability.mode", "The chat is open", { team: "while somebody is available", always: "always" }],
    ["settings.availability.reply_time", "Usual time to an answer", { none: "not said", minutes: "a few minutes", hours: "a few hours", day: "a day" }],
    ["settings.availability.away.behaviour", "While everybody is away", { message: "say so", hide: "hide the chat" }],
    ["settings.availability.away.message", "What is said then", "text"],
  ],
  messenger: [
    "Greeting and instant reply",
    ["flow.greeting", "Greeting, before somebody writes", "text"],
    ["flow.reply", "Instant reply", "text"],
    "Consent",
    ["settings.consent.mode", "Contacts are", { none: "not asked", implicit: "told", explicit: "asked to agree" }],
    ["settings.consent.text", "What they are told", "text"],
    ["settings.consent.button", "Button", "line"],
  ],
};
const colours = ["blue", "teal", "green", "orange", "red", "pink", "purple", "grey"];

let channel, flow;

function control(kind) {
  if (Array.isArray(kind)) return control(Object.fromEntries(kind.map((value) => [value, value])));
  if (typeof kind === "object") {
    const select = document.createElement("select");
    for (const [value, words] of Object.entries(kind)) select.append(new Option(words, value));
    return select;
  }
  if (kind === "text") return Object.assign(document.createElement("textarea"), { rows: 2 });
  const input = document.createElement("input");
  if (kind === "box") input.type = "checkbox";
  if (kind === "colour") {
    const list = document.createElement("datalist");
    list.id = "colours";
    list.append(...colours.map((name) => new Option(name, name)));
    document.body.append(list);
    input.setAttribute("list", list.id);
    input.placeholder = "a name, or #14599d";
  }
  return input;
}

const valueAt = (object, names) => names.reduce((inner, name) => inner?.[name], object);
function put(object, names, value) {
  const last = names.at(-1);
  names.slice(0, -1).reduce((inner, name) => (inner[name] ??= {}), object)[last] = value;
}

function draw() {
  const values = { settings: channel.settings, flow: { greeting: flow?.greeting ?? "", reply: replyOf(flow)?.text ?? "" } };
  $("settings").replaceChildren(...fields[channel.kind].filter((field) => flow || !field[0].startsWith("flow.")).flatMap((field) => {
    if (typeof field === "string") return Object.assign(document.createElement("h2"), { textContent: field });
    const [name, words, kind] = field;
    const label = document.createElement("label");
    const made = control(kind);
    made.name = name;
    const value = valueAt(values, name.split("."));
    if (kind === "box") made.checked = value;
    else made.value = value ?? "";
    if (made.selectedIndex === -1) { // such as opening hours, which this page cannot edit
      made.append(new Option(value, value));
      made.value = value;
    }
    label.className = kind === "box" ? "box" : "";
    label.append(...(kind === "box" ? [made, ` ${words}`] : [words, made]));
    const why = hints[name]?.(flow);
    return why ? [label, hint(made, why)] : label;
  }));
}

// hints say where the active chatflow goes before a setting.
const hints = {
  "settings.welcome_message": (flow) => (flow?.greeting || flow?.steps[0]?.kind === "choose") && `Not shown: the chatflow “${flow.name}” is active and begins the chat.`,
  "settings.language": (flow) => flow?.language && `The active chatflow “${flow.name}” speaks its own: ${flow.language}.`,
};

function hint(field, words) {
  const made = Object.assign(document.createElement("p"), { id: `${field.name}-hint`, className: "small hint", textContent: words });
  field.setAttribute("aria-describedby", made.id);
  return made;
}

const replyOf = (chatflow) => chatflow?.steps.find((step) => step.kind === "say");

// draft is what would be saved.
function draft() {
  const values = {};
  for (const field of $("settings").elements) put(values, field.name.split("."), field.type === "checkbox" ? field.checked : field.value);
  const out = { changes: { settings: values.settings } };
  if (flow && values.flow) {
    const reply = replyOf(flow);
    out.chatflow = { greeting: values.flow.greeting || null };
    if (reply && values.flow.reply) out.chatflow.steps = flow.steps.map((step) => (step === reply ? { ...step, text: values.flow.reply } : step));
  }
  return out;
}

async function attempt(act) {
  for (const field of $("settings").elements) field.removeAttribute("aria-invalid");
  $("problem").textContent = "";
  try {
    return await act();
  } catch (error) {
    $("problem").textContent = error.message;
    const name = (error.field ?? "").replace(/^changes\./, "").replace(/^chatflow/, "flow");
    $("settings").elements[name]?.setAttribute("aria-invalid", "true");
  }
}

// show leads the preview to the present draft; only the last one counts.
let turn = 0;
let wanted;
const show = () => attempt(async () => {
  const mine = ++turn;
  const { url } = await client.call("POST", `/channels/${channel.id}/preview`, draft());
  if (mine !== turn) return;
  wanted = new URL(url).pathname + new URL(url).hash;
  $("preview").src = wanted;
});

// A browser may forget where a frame was led to while another page just arrived in it.
$("preview").onload = ({ target }) => {
  const { pathname, hash } = target.contentWindow.location;
  if (wanted && pathname + hash !== wanted) target.src = wanted;
};

let waiting;
$("settings").oninput = () => {
  $("said").textContent = "Not published yet.";
  clearTimeout(waiting);
  waiting = setTimeout(show, 250);
};
$("settings").onsubmit = (submit) => submit.preventDefault();

async function choose() {
  channel = await client.get(`/channels/${$("channels").value}`);
  flow = (await client.list(`/channels/${channel.id}/chatflows`)).find((one) => one.active);
  draw();
  $("said").textContent = "";
  await show();
}
$("channels").onchange = $("undo").onclick = choose;
$("publish").onclick = () => attempt(async () => {
  const { changes, chatflow } = draft();
  await client.call("PATCH", `/channels/${channel.id}`, changes);
  if (chatflow) await client.call("PATCH", `/chatflows/${flow.id}`, chatflow);
  await choose();
  $("said").textContent = "Published. Pages that are open follow within two minutes, others at once.";
});

for (const one of data.channels.filter((c) => fields[c.kind])) $("channels").append(new Option(one.name, one.id));
await choose();
