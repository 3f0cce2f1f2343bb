// The thread: messages by id, and what waits to be sent. Go wraps the files of this
// folder, in order, into one function of the loader's `chat` (web/widget.go).

const { store, call, el, icon, SPEECH, adopt } = chat;
const texts = () => chat.session().widget.texts;
const language = () => chat.session().widget.language;

const messages = new Map();
let closed = false; // the conversation, not the panel
let loaded = false;
let visit = 0; // grows when somebody else is here

// Waiting messages are kept one by one, so that two pages never overwrite each
// other's. Their files live as long as the page.
const OUT = 'out:';
const filesOf = new Map();
const waiting = () => {
  const found = [];
  try {
    for (let i = 0; i < localStorage.length; i++) {
      const key = localStorage.key(i);
      if (key.startsWith(store.named(OUT))) found.push(JSON.parse(localStorage.getItem(key)));
    }
  } catch {
    // Without storage this page's own are known below.
  }
  for (const item of kept.values()) if (!found.some((other) => other.client_id === item.client_id)) found.push(item);
  return found.filter((item) => !item.files || filesOf.has(item.client_id)).sort((a, b) => a.at - b.at);
};
const kept = new Map();
const keep = (item) => {
  kept.set(item.client_id, item);
  store.set(OUT + item.client_id, item);
};
const forget = (clientID) => {
  kept.delete(clientID);
  filesOf.delete(clientID);
  store.set(OUT + clientID, null);
};

const ordered = () =>
  [...messages.values()].sort((a, b) => (a.created_at < b.created_at ? -1 : a.created_at > b.created_at ? 1 : a.id < b.id ? -1 : 1));

// take adds a message or replaces it; one with a known id is the same message.
const take = (message) => {
  const known = messages.get(message.id);
  messages.set(message.id, { ...known, ...message, ...(known?.state === 'read' && { state: 'read' }) });
  if (message.client_id) forget(message.client_id);
  store.set('thread', true);
  return !known;
};

// wasRead marks what the visitor said up to a message as read by agents.
const wasRead = (id) => {
  const all = ordered();
  for (const message of all.slice(0, all.findIndex((other) => other.id === id) + 1)) {
    if (message.direction === 'in') message.state = 'read';
  }
};

// listAll reads the whole thread.
const listAll = async () => {
  const mine = visit;
  const before = closed;
  for (let after = ''; ; ) {
    const answer = await call(`messages?limit=100${after && `&after=${encodeURIComponent(after)}`}`);
    if (!answer.ok) throw new Error(`messages: ${answer.status}`);
    const page = await answer.json();
    if (visit !== mine) return;
    page.items.forEach(take);
    if (closed === before) closed = page.conversation?.status === 'closed'; // unless an event said so since
    if (!page.next_cursor) break;
    after = page.next_cursor;
  }
  loaded = true;
  draw();
};
