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
