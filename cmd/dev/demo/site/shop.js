import { loadData } from "./data.js";

const data = await loadData();
const channel = (kind) => data.channels.find((c) => c.kind === kind);

// The same line that a website pastes.
const chat = channel("chat");
if (chat) {
  const script = document.createElement("script");
  script.async = true;
  script.src = `/chat/${chat.id}/widget.js`;
  document.body.append(script);
  showPresence();
  window.onfocus = showPresence;
  setInterval(showPresence, 30000);
}

// showPresence says whether somebody is there, as the chat does.
async function showPresence() {
  const response = await fetch(`/chat/${chat.id}/sessions`, { method: "POST", headers: { "Content-Type": "application/json" }, body: "{}" });
  if (!response.ok) return;
  const { widget } = await response.json();
  const words = widget.state === "open" ? "Ask us anything: somebody is here." : "Ask us anything: we answer as soon as we are back.";
  document.getElementById("presence").textContent = widget.hidden ? "" : words;
}

const form = channel("form");
if (form) {
  const frame = document.createElement("iframe");
  frame.src = `/forms/${form.id}`;
  frame.title = "Contact form";
  frame.loading = "lazy";
  document.getElementById("form").append(frame);
}

// Other ways in, which need something to write with.
const ways = document.getElementById("ways");
const way = (name, value) => {
  if (!value) return;
  const term = document.createElement("dt");
  const detail = document.createElement("dd");
  term.textContent = name;
  detail.textContent = value;
  ways.append(term, detail);
};
way("E-mail", channel("email")?.hosted_address);
way("Messenger page", channel("messenger")?.page_id);
way("WhatsApp", channel("whatsapp")?.number);
way("Telephone", channel("call")?.number);
