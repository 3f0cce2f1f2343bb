// The part that every page loads: the launcher, the prompt and the session. It
// fetches the rest (PART) when the visitor opens the chat or has written before.
// Go wraps it in a function and defines CSS and PART (web/widget.go).

const script = document.currentScript || document.querySelector('script[src*="/chat/"][src*="/widget.js"]');
const [, base, channel] = /^(.*\/chat\/([^/?#]+))\/widget\.js/.exec(script.src);

// One per channel, also when a page adds the script again.
const chats = (window.Switchboard ??= { chats: {}, chat: (id) => window.Switchboard.chats[id] }).chats;
if (chats[channel]) {
  chats[channel].attach();
  return;
}

// What is kept about the visitor: in the browser, never in a cookie. What a full or
// forbidden storage does not take, this page remembers.
const memory = {};
const named = (name) => `switchboard:${channel}:${name}`;
const store = {
  get(name) {
    if (name in memory) return memory[name];
    try {
      return JSON.parse(localStorage.getItem(named(name)));
    } catch {
      return null;
    }
  },
  set(name, value) {
    try {
      if (value === null) localStorage.removeItem(named(name));
      else localStorage.setItem(named(name), JSON.stringify(value));
      delete memory[name];
    } catch {
      memory[name] = value;
    }
  },
  named,
};

// el makes an element; text is only ever text.
const el = (tag, attributes, ...children) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (typeof value === 'function') element.addEventListener(name, value);
    else if (value !== false && value != null) element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.filter((child) => child != null));
  return element;
};

const icon = (...paths) => {
  const make = (tag, attributes) => {
    const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
    for (const name in attributes) element.setAttribute(name, attributes[name]);
    return element;
  };
  const svg = make('svg', { viewBox: '0 0 24 24', 'aria-hidden': 'true' });
  svg.append(...paths.map((d) => make('path', { d })));
  return svg;
};

// Contrast as WCAG 2.2 computes it (1.4.3).
const rgb = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));
const luminance = (colour) =>
  colour
    .map((part) => part / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
    .reduce((sum, part, i) => sum + part * [0.2126, 0.7152, 0.0722][i], 0);
const contrast = (a, b) => {
  const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
};
// readable moves a colour towards black or white until it can be read on a page.
const readable = (colour, page, towards) => {
  while (contrast(colour, page) < 4.5) colour = colour.map((part) => Math.round(part + (towards - part) * 0.1));
  return `rgb(${colour})`;
};

const host = el('switchboard-chat', { 'data-channel': channel });
const root = host.attachShadow({ mode: 'open' });
const adopt = (css) => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
};
adopt(CSS);

let session = null;
let chat = null; // the rest, once it is loaded
let loading = null;

const SPEECH = 'M4 4h16a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2h-8l-5 4v-4H4a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2z';
const badge = el('span', { class: 'badge', hidden: true });
const launcher = el(
  'button',
  { class: 'launcher', type: 'button', 'aria-expanded': 'false', 'aria-haspopup': 'dialog', click: () => (chat?.isOpen() ? api.close() : api.open()) },
  icon(SPEECH),
  icon('M6 9.5l6 6 6-6'),
  badge,
);
const frame = el('div', { class: 'frame' }, launcher);

const label = () => {
  const { texts } = session.widget;
  const unread = badge.hidden ? '' : ` – ${texts.unread.replace('{count}', badge.textContent)}`;
  launcher.setAttribute('aria-label', chat?.isOpen() ? texts.close : texts.open + unread);
  launcher.setAttribute('aria-expanded', String(!!chat?.isOpen()));
};

// call asks the server. A token that does not work any more was replaced: another
// page knows by which, or a new session begins.
const call = async (path, options) => {
  const token = session?.visitor_token;
  const answer = await ask(path, options);
  if (answer.status !== 401 || path === 'sessions') return answer;
  const now = store.get('token');
  if (now && now !== token) adoptToken(now);
  else if (session.visitor_token === token) await refresh();
  return ask(path, options);
};
const ask = (path, { headers, body, ...rest } = {}) => {
  const json = body && !(body instanceof FormData);
  return fetch(`${base}/${path}`, {
    ...rest,
    method: rest.method ?? (body ? 'POST' : 'GET'),
    headers: {
      ...(session && { Authorization: `Visitor ${session.visitor_token}` }),
      ...(json && { 'Content-Type': 'application/json' }),
      ...headers,
    },
    body: json ? JSON.stringify(body) : body,
    credentials: 'omit',
    cache: 'no-store',
  });
};

// refresh asks what the widget shows now: who is there changes all the time.
const refresh = async () => {
  const token = store.get('token') ?? session?.visitor_token;
  const answer = await call('sessions', { body: token ? { visitor_token: token } : {}, headers: { Authorization: '' } });
  if (!answer.ok) throw Object.assign(new Error(`chat session: ${answer.status}`), { status: answer.status });
  const { visitor_token, widget } = await answer.json();
  // A token that opens nothing was replaced, by another page that has the new one or is
  // about to, or the server knows neither it nor the visitor's address.
  const dead = token && visitor_token !== token;
  if (dead && Date.now() - store.get('identifying') < 10000) await changed('token', 3000);
  const now = store.get('token');
  const next = now && now !== token ? now : visitor_token;
  if (dead && next === visitor_token) store.set('identified', null);
  session = { widget, visitor_token: session?.visitor_token ?? next };
  if (now) adoptToken(next, next !== token && next === visitor_token);
  else session.visitor_token = next;
  show();
};

// changed waits until another page stores something, or for so long.
const changed = (name, milliseconds) =>
  new Promise((resolve) => {
    const heard = ({ key }) => key === named(name) && done();
    const done = () => {
      removeEventListener('storage', heard);
      resolve();
    };
    addEventListener('storage', heard);
    setTimeout(done, milliseconds);
  });

const show = () => {
  const { widget } = session;
  const accent = rgb(widget.accent_colour);
  const white = [255, 255, 255];
  const onAccent = contrast(accent, white) >= 4.5 ? '#fff' : contrast(accent, [17, 24, 32]) >= 4.5 ? '#111820' : '#000';
  for (const [name, value] of Object.entries({
    '--accent': widget.accent_colour,
    '--on-accent': onAccent,
    '--shade': onAccent === '#fff' ? '#000' : '#fff', // away from what is written on it
    '--ink-light': readable(accent, [238, 241, 244], 0),
    '--ink-dark': readable(accent, [42, 52, 62], 255),
  })) {
    frame.style.setProperty(name, value);
  }
  frame.lang = widget.language;
  frame.dir = /^(ar|fa|he|ur)/.test(widget.language) ? 'rtl' : 'ltr';
  host.dataset.side = widget.position;
  // Chats on the same side stand beside each other.
  const beside = [...document.querySelectorAll(`switchboard-chat[data-side="${widget.position}"]`)].indexOf(host);
  frame.style.setProperty('--beside', Math.max(beside, 0));
  host.hidden = widget.hidden && !chat?.isOpen();
  label();
  chat?.show();
};

// The prompt (C4) pops open once a visit, unless the visitor knows the chat.
let prompt = null;
const endPrompt = () => {
  prompt?.remove();
  prompt = null;
  try {
    sessionStorage.setItem(named('prompted'), '1');
  } catch {
    // It will be shown on the next page again.
  }
};
const promptLater = () => {
  const { prompt: shown, texts } = session.widget;
  let seen = store.get('thread') || store.get('open');
  try {
    seen ||= sessionStorage.getItem(named('prompted'));
  } catch {
    // Nothing is known of an earlier page.
  }
  if (!shown || seen) return;
  setTimeout(() => {
    if (host.hidden || chat?.isOpen() || prompt) return;
    prompt = el(
      'div',
      { class: 'prompt', role: 'region', 'aria-label': session.widget.heading.title },
      el('button', { class: 'prompt-text', type: 'button', click: () => api.open() }, shown.text),
      el('button', { class: 'prompt-close', type: 'button', 'aria-label': texts.dismiss, click: endPrompt }, icon('M6 6l12 12M18 6L6 18')),
    );
    frame.prepend(prompt);
  }, shown.delay_seconds * 1000);
};

const load = () =>
  (loading ??= import(new URL(PART, `${base}/`).href)
    .then((part) => (chat = part.default({ channel, base, root, frame, host, launcher, badge, store, el, icon, SPEECH, adopt, ask, call, refresh, label, session: () => session, adoptToken })))
    .catch((err) => {
      loading = null;
      throw err;
    }));

// adoptToken goes on as the same visitor with a new token, or as another.
const adoptToken = (token, another) => {
  const other = token !== session.visitor_token;
  session = { ...session, visitor_token: token };
  store.set('token', token);
  if (other || another) chat?.moved(another);
};

// api is what pages may call: Switchboard.chat(id).open().
const api = (chats[channel] = {
  channel,
  attach: () => host.isConnected || document.documentElement.append(host),
  async open() {
    await ready;
    endPrompt();
    (await load()).open();
  },
  close: () => chat?.close(),
  async identify(who) {
    await ready;
    return (await load()).identify(who);
  },
});

// A page that replaces its whole body keeps the widget.
new MutationObserver(() => api.attach()).observe(document.documentElement, { childList: true });

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const begin = async () => {
  for (let wait = 2000; ; wait = Math.min(wait * 2, 60000)) {
    try {
      return await refresh();
    } catch (err) {
      // Switched off, gone or not allowed here: there is no chat.
      if ([403, 404, 409].includes(err.status)) throw err;
    }
    await pause(wait * (0.75 + Math.random() / 2));
  }
};
const ready = begin().then(() => {
  root.append(frame);
  api.attach();
  show();
  promptLater();
  // On a phone an open chat would cover the page that the visitor goes to.
  const stays = store.get('open') && !matchMedia('(max-width: 480px)').matches;
  if (store.get('thread') || stays) load().then((loaded) => stays && loaded.open(false));
  setInterval(() => document.hidden || refresh().catch(() => {}), 120000);
  document.dispatchEvent(new CustomEvent('switchboard:ready', { detail: api }));
});
ready.catch((err) => console.info(`Switchboard: no chat on this page (${err.message}).`));
