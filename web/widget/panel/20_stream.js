// The event stream. One page of this website holds it; the others listen to that
// page, because browsers allow few connections to one server.

let lastEvent = null;
let connected = false;
let holding = null; // this page's turn of holding the stream
let frozen = false; // messages of pages arrive at a frozen page, and the stream's do not
for (const event of ['freeze', 'resume']) document.addEventListener(event, () => (frozen = event === 'freeze'));
const pages = 'BroadcastChannel' in window ? new BroadcastChannel(store.named('events')) : null;

const tell = (what) => {
  hear(what);
  pages?.postMessage(what);
};
const hear = ({ event, data, id, online, token, another }) => {
  if (id) lastEvent = id;
  // What was said while no page was connected, a stream that begins does not tell.
  if (online && !connected && !holding && listening) listAll().catch(() => {});
  if (online !== undefined) connected = online;
  if (token) chat.adoptToken(token, another);
  if (event) receive(event, data);
  draw();
};
if (pages)
  pages.onmessage = ({ data }) => {
    if (data.asks) return holding && !frozen && pages.postMessage({ online: connected });
    if (data.event || data.online !== undefined) clearTimeout(unanswered);
    hear(data);
  };

const receive = (event, data) => {
  if (event === 'message') {
    const fresh = take(data);
    if (fresh && data.direction === 'out') arrived(data);
  } else if (event === 'typing') {
    types(data.name);
  } else if (event === 'read') {
    wasRead(data.message_id);
  } else if (event === 'conversation') {
    closed = data.status === 'closed';
    if (closed) stopsTyping();
    chat.refresh().catch(() => {}); // who is there, and who owns the visitor, may be different now
  }
};

// follow reads one connection until it ends. A server that says nothing for
// longer than its heartbeats is gone.
const SILENCE = 40000;
let restart = null; // ends the connection, to begin another at once
let restarting = false;
const follow = async () => {
  const stop = new AbortController();
  restart = () => {
    restarting = true;
    stop.abort();
  };
  // By the clock: a timer stands still while the computer sleeps.
  let heard = Date.now();
  const watch = setInterval(() => Date.now() - heard > SILENCE && stop.abort(), 5000);
  const offline = () => stop.abort();
  addEventListener('offline', offline);
  try {
    const answer = await call('events', { headers: lastEvent ? { 'Last-Event-ID': lastEvent } : {}, signal: stop.signal });
    if (!answer.ok) throw Object.assign(new Error(`events: ${answer.status}`), { after: Number(answer.headers.get('Retry-After')) });
    const resumed = lastEvent;
    tell({ online: true });
    flush();
    // The stream is open: what is listed now and what it tells are all there is.
    if (!resumed || !loaded) await listAll();
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let rest = ''; ; ) {
      const { done, value } = await reader.read();
      if (done) return;
      heard = Date.now();
      const blocks = (rest + value).split('\n\n');
      rest = blocks.pop();
      blocks.forEach(parse);
    }
  } finally {
    clearInterval(watch);
    removeEventListener('offline', offline);
    restart = null;
    stop.abort();
  }
};
const parse = (block) => {
  const fields = {};
  for (const line of block.split('\n')) {
    const at = line.indexOf(': ');
    if (at > 0) fields[line.slice(0, at)] = line.slice(at + 2);
  }
  if (fields.event) tell({ event: fields.event, id: fields.id, data: JSON.parse(fields.data) });
};

// listen keeps a connection for as long as the page lives, or until another page takes
// its turn.
const listen = async () => {
  const turn = (holding = {});
  restarting = false;
  for (let failures = 0; ; ) {
    let after = 0;
    const begun = Date.now();
    try {
      await follow();
    } catch (err) {
      after = err.after * 1000 || 0;
    }
    if (holding !== turn) return;
    if (restarting) {
      restarting = false;
      continue;
    }
    tell({ online: false });
    failures = Date.now() - begun > 10000 ? 0 : failures + 1;
    await nextTry(Math.max(after, Math.min(500 * 2 ** failures, 20000) * (0.75 + Math.random() / 2)));
  }
};

// nextTry waits, but not longer than until the network is back.
const nextTry = (milliseconds) =>
  new Promise((resolve) => {
    const go = () => {
      clearTimeout(timer);
      removeEventListener('online', go);
      resolve();
    };
    const timer = setTimeout(go, milliseconds);
    addEventListener('online', go);
  });

// hold waits for this page's turn, and after it for the next one.
const hold = () => alone('stream', listen, {}).catch(() => (giveUp(), hold()));
const giveUp = () => {
  holding = null;
  connected = false;
  restart?.();
  askHolder();
};
// A page that the visitor sees takes the turn of one that answers nothing.
let unanswered;
const ANSWERS_WITHIN = 3000;
const askHolder = () => {
  if (holding) return;
  pages.postMessage({ asks: true });
  clearTimeout(unanswered);
  unanswered = setTimeout(() => holding || document.hidden || alone('stream', listen, { steal: true }).catch(giveUp), ANSWERS_WITHIN);
};

let listening = false;
const startListening = () => {
  if (listening) return;
  listening = true;
  if (navigator.locks && pages) {
    listAll().catch(() => {});
    hold();
    askHolder();
    document.addEventListener('visibilitychange', askHolder);
    setInterval(askHolder, 30_000);
  } else {
    listen();
  }
};
