// What an agent may answer, and the fields for it: a text, or one of a channel's
// approved templates.
import { until } from "./words.js";

// answering says what holds for a conversation: a note, and whether a text or only a
// template may be sent.
export function answering(conversation) {
  const { channel_kind: kind, window, awaits_consent: awaits } = conversation;
  const end = window.closes_at ? until(window.closes_at) : "";
  if (kind === "call") return { note: "A call cannot be answered in writing. Call back, or find the caller in another channel." };
  if (awaits) return { note: "The contact has not agreed yet. Until then nothing is shown, and nothing can be answered." };
  switch (window.state) {
    case "open":
      return { text: true, note: `Anything may be sent ${end}.` };
    case "human_agent":
      return { text: true, note: `Only a person's own answer may be sent, ${end}: nothing automatic.` };
    case "closed":
      return kind === "whatsapp"
        ? { templates: true, note: "The 24 hours are over: only an approved template may be sent, until the contact writes again." }
        : { note: "The time to answer is over. Nothing may be sent until the contact writes again." };
    default:
      return { text: true };
  }
}

const PLACEHOLDER = /\{\{\s*(\w+)\s*\}\}/g;

// Templates is the choice of a template and what fills its placeholders.
export class Templates {
  constructor($) {
    Object.assign(this, { choice: $("template-choice"), select: $("template"), fields: $("variables"), label: $("text-label"), text: $("text"), note: $("note") });
    this.select.onchange = () => this.chosen();
    this.fields.oninput = () => this.read();
  }

  // offer shows a channel's templates; text says whether one may write instead.
  offer(templates, text) {
    const offered = JSON.stringify([templates, text]);
    if (this.offered === offered) return;
    this.offered = offered;
    this.templates = templates;
    this.choice.hidden = templates.length === 0;
    const none = new Option(text ? "none: write freely" : "choose one …", "");
    this.select.replaceChildren(none, ...templates.map((t) => new Option(`${t.name.replaceAll("_", " ")} (${t.language})`, t.id)));
    this.select.required = !text;
    this.freely = text;
    this.chosen();
  }

  chosen() {
    this.template = this.templates.find((t) => t.id === this.select.value);
    this.fields.replaceChildren(...(this.template?.variables ?? []).map((name) => {
      const label = document.createElement("label");
      const input = document.createElement("input");
      input.name = name;
      input.required = true;
      label.append(`{{${name}}} `, input);
      return label;
    }));
    const reads = !!this.template || !this.freely;
    this.text.readOnly = reads;
    this.text.required = !reads;
    this.label.textContent = reads ? "The contact reads" : "Answer";
    this.text.value = "";
    this.read();
  }

  variables() {
    return Object.fromEntries([...this.fields.querySelectorAll("input")].map((input) => [input.name, input.value]));
  }

  read() {
    if (!this.template) return;
    const values = this.variables();
    this.text.value = this.template.body.replace(PLACEHOLDER, (whole, name) => values[name] || whole);
  }

  // answer is what is posted.
  answer() {
    return this.template ? { template: { id: this.template.id, variables: this.variables() } } : { text: this.text.value };
  }

  sent() {
    this.select.value = "";
    this.chosen();
  }
}
