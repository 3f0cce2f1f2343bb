// What both sides see of each other in a chat: who is typing, and what was read.
const TELL_EVERY = 3000; // milliseconds
const TYPES_FOR = 6000;

export class Marks {
  constructor(line) {
    this.line = line; // says that the visitor is typing
    this.toldAt = 0;
    this.read = new Map(); // conversations' last messages that the company was told of
  }

  // types is called with each key an agent presses.
  types(client, conversation) {
    if (conversation?.channel_kind !== "chat" || Date.now() - this.toldAt < TELL_EVERY) return;
    this.toldAt = Date.now();
    client.call("POST", `/conversations/${conversation.id}/typing`).catch(() => {}); // it will be told again
  }

  // sees is called with what the agent has before him; who looks into somebody else's
  // conversation has not read it for him.
  sees(client, me, conversation, messages) {
    const last = messages.findLast((message) => message.direction === "in");
    const others = conversation.assignee_id && conversation.assignee_id !== me.id;
    if (others || conversation.channel_kind !== "chat" || document.hidden || !last || this.read.get(conversation.id) === last.id) return;
    this.read.set(conversation.id, last.id);
    client.call("POST", `/conversations/${conversation.id}/read`, { message_id: last.id }).catch(() => this.read.delete(conversation.id));
  }

  // visitorTypes shows that a visitor is typing, for as long as he does.
  visitorTypes(name) {
    this.line.textContent = `${name} is typing …`;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.nobodyTypes(), TYPES_FOR);
  }

  nobodyTypes() {
    clearTimeout(this.timer);
    this.line.textContent = "";
  }
}
