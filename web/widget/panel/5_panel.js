// The panel: heading, thread, what is asked of the visitor, and the box to write in.

adopt(CSS);
const company = () => chat.session().widget.heading.title;
let isOpen = false;

const faces = el('div', { class: 'faces' });
const title = el('h2', { id: 'title' });
const presence = el('p', { class: 'presence', id: 'presence' });
const button = (paths, click) => el('button', { type: 'button', class: 'tool', click }, icon(...paths));
const soundButton = button(['M4 9v6h4l5 4V5L8 9z', 'M16.5 8.5a5 5 0 0 1 0 7'], () => setSound(!soundOn()));
const closeButton = button(['M6 6l12 12M18 6L6 18'], () => close());
const header = el('header', {}, faces, el('div', { class: 'who' }, title, presence), el('div', { class: 'tools' }, soundButton, closeButton));

const thread = el('ol', { class: 'thread' });
const replies = el('div', { class: 'replies' });
const log = el('div', { class: 'log', role: 'log', 'aria-live': 'off', tabindex: '0' }, thread, replies);
const news = el('p', { class: 'unseen', role: 'status' });
const network = el('p', { class: 'network', role: 'status', hidden: true });
const announce = (text) => (news.textContent = text);

// An address to answer to, asked of a visitor whom nobody will answer now.
const emailBox = el('input', { type: 'email', id: 'email', autocomplete: 'email', required: true, maxlength: 254, 'aria-describedby': 'email-problem' });
const emailProblem = el('p', { class: 'problem', id: 'email-problem', role: 'alert' });
const emailLabel = el('label', { for: 'email' });
const emailSend = el('button', { type: 'submit', class: 'primary' });
const ask = el('form', { class: 'ask', hidden: true, novalidate: true, submit: (event) => sendEmail(event) }, emailLabel, el('div', { class: 'row' }, emailBox, emailSend), emailProblem);

const picked = [];
const chosen = el('ul', { class: 'chosen' });
const box = el('textarea', { rows: '1', maxlength: 20000, enterkeyhint: 'send', input: () => grow(), keydown: (event) => onKey(event), paste: (event) => pick(event.clipboardData?.files) });
const picker = el('input', { type: 'file', multiple: true, class: 'unseen', tabindex: '-1', 'aria-hidden': 'true', change: () => pick(picker.files) });
const attach = el('button', { type: 'button', class: 'tool', click: () => picker.click() }, icon('M20 11.5l-8.3 8.3a5 5 0 0 1-7-7l8.9-9a3.3 3.3 0 0 1 4.7 4.7l-8.9 8.9a1.7 1.7 0 0 1-2.3-2.4l7.6-7.6'));
const send = el('button', { type: 'submit', class: 'send' }, icon('M4 12l16-8-6 16-3-7z'));
const compose = el('form', { class: 'compose', submit: (event) => submit(event) }, chosen, el('div', { class: 'row' }, picker, attach, box, send));

const panel = el(
  'section',
  { class: 'panel', role: 'dialog', 'aria-labelledby': 'title', 'aria-describedby': 'presence', hidden: true, keydown: (event) => onPanelKey(event), dragover: (event) => event.preventDefault(), drop: (event) => onDrop(event) },
  header, log, network, ask, compose, news,
);
chat.frame.append(panel);

const grow = () => {
  box.style.height = 'auto';
  box.style.height = `${Math.min(box.scrollHeight + 2, 132)}px`;
};
const onKey = (event) => {
  if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) submit(event);
};
const submit = (event) => {
  event.preventDefault();
  const text = box.value.trim();
  if (!text && !picked.length) return;
  say(text, { files: picked.splice(0) });
  box.value = '';
  drawChosen();
  grow();
  box.focus();
};

// The limits are the server's, which looks again.
const MAX_FILE = 5 * 1024 * 1024;
const MAX_FILES = 5;
const pick = (files) => {
  for (const file of files ?? []) {
    if (file.size > MAX_FILE) announceProblem(texts().too_large.replace('{name}', file.name));
    else if (picked.length >= MAX_FILES) announceProblem(texts().too_many);
    else picked.push(file);
  }
  picker.value = '';
  drawChosen();
};
const onDrop = (event) => {
  event.preventDefault();
  pick(event.dataTransfer?.files);
};
const announceProblem = (text) => {
  network.textContent = text;
  network.hidden = false;
};
const drawChosen = () =>
  chosen.replaceChildren(
    ...picked.map((file, i) =>
      el('li', {}, el('span', {}, file.name), el('button', { type: 'button', 'aria-label': texts().remove.replace('{name}', file.name), click: () => (picked.splice(i, 1), drawChosen(), box.focus()) }, icon('M6 6l12 12M18 6L6 18'))),
    ),
  );

const small = matchMedia('(max-width: 480px)');
const onPanelKey = (event) => {
  if (event.key === 'Escape') {
    event.stopPropagation();
    close();
  }
  // On a phone the panel covers the page: the keyboard stays in it.
  if (event.key !== 'Tab' || !small.matches) return;
  const stops = [...panel.querySelectorAll('button, input:not([tabindex]), textarea, a[href], [tabindex="0"]')].filter((stop) => stop.offsetParent);
  const [first, last] = [stops[0], stops[stops.length - 1]];
  if (event.shiftKey ? chat.root.activeElement === first : chat.root.activeElement === last) {
    event.preventDefault();
    (event.shiftKey ? last : first).focus();
  }
};

const identify = async ({ email, name, hash }) => {
  const answer = await call('identify', { body: { email, ...(name && { name }), ...(hash && { hash }) } });
  if (!answer.ok) throw Object.assign(new Error(`identify: ${answer.status}`), await answer.json().catch(() => ({})));
  if (answer.status === 200) tell({ token: (await answer.json()).visitor_token });
  else chat.adoptToken(chat.session().visitor_token);
  store.set('identified', true);
  draw();
};
const sendEmail = async (event) => {
  event.preventDefault();
  emailProblem.textContent = '';
  emailBox.removeAttribute('aria-invalid');
  try {
    if (!emailBox.checkValidity()) throw new Error('not an address');
    await identify({ email: emailBox.value.trim() });
    announce(texts().identified);
    box.focus();
  } catch (err) {
    emailProblem.textContent = err.code === 'invalid' || !err.code ? texts().email_wrong : texts().not_sent;
    emailBox.setAttribute('aria-invalid', 'true');
    emailBox.focus();
  }
};

// Sound: a short tone of our own, no file.
const soundOn = () => store.get('sound') !== false;
const setSound = (on) => {
  store.set('sound', on);
  drawTools();
  if (on) ring();
};
let audio = null;
const ring = () => {
  if (!soundOn() || !navigator.userActivation?.hasBeenActive) return;
  try {
    audio ??= new AudioContext();
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    tone.frequency.setValueAtTime(660, audio.currentTime);
    tone.frequency.setValueAtTime(880, audio.currentTime + 0.09);
    volume.gain.setValueAtTime(0.06, audio.currentTime);
    volume.gain.exponentialRampToValueAtTime(0.0001, audio.currentTime + 0.35);
    tone.connect(volume).connect(audio.destination);
    tone.start();
    tone.stop(audio.currentTime + 0.35);
  } catch {
    // A device without sound.
  }
};

// arrived is called for each answer that was not there before.
const arrived = (message) => {
  announce(`${message.author.name ?? company()}: ${message.text}`);
  if (!seeing()) ring();
};
const seeing = () => isOpen && document.visibilityState === 'visible';

const markRead = (id, share) => {
  if (share && store.get('seen') !== id) {
    store.set('seen', id);
    pages?.postMessage({ read: id });
  }
  drawBadge();
};
const unread = () => {
  const all = ordered();
  const seen = all.findIndex((message) => message.id === store.get('seen'));
  return all.slice(seen + 1).filter((message) => message.direction === 'out').length;
};
const drawBadge = () => {
  const count = unread();
  chat.badge.textContent = count > 9 ? '9+' : String(count);
  chat.badge.hidden = count === 0;
  chat.label();
};

const drawTools = () => {
  const words = texts();
  soundButton.setAttribute('aria-label', words.sound);
  soundButton.setAttribute('aria-pressed', String(soundOn()));
  soundButton.title = words.sound;
  closeButton.setAttribute('aria-label', words.close);
  closeButton.title = words.close;
};

// show is called whenever the session was read again.
const show = () => {
  const { widget } = chat.session();
  const words = widget.texts;
  title.textContent = widget.heading.title;
  const shown = JSON.stringify(widget.heading.faces);
  if (faces.dataset.shown !== shown) {
    faces.dataset.shown = shown;
    faces.replaceChildren(...widget.heading.faces.map(avatar));
  }
  presence.dataset.state = widget.state;
  presence.textContent = widget.returns_at
    ? words.returns_at.replace('{time}', new Intl.DateTimeFormat(widget.language, { weekday: 'long', day: 'numeric', month: 'long', hour: 'numeric', minute: '2-digit' }).format(new Date(widget.returns_at)))
    : widget.text;
  log.setAttribute('aria-label', words.conversation);
  box.placeholder = words.placeholder;
  box.setAttribute('aria-label', words.placeholder);
  for (const [control, name] of [[send, words.send], [attach, words.attach]]) {
    control.setAttribute('aria-label', name);
    control.title = name;
  }
  emailLabel.textContent = words.identify;
  emailBox.placeholder = words.email;
  emailSend.textContent = words.save;
  drawTools();
  if (drawnIn !== widget.language) {
    drawnIn = widget.language;
    drawn.clear();
    thread.replaceChildren();
  }
  draw();
};
let drawnIn = '';

// What is drawn already, by key, so that only what changed is drawn again.
const drawn = new Map();
const pressed = (reply) => say(reply.title, { payload: reply.payload });

const lines = () => {
  const words = texts();
  const { widget } = chat.session();
  const out = [];
  const opening = widget.opening?.text || widget.welcome_message;
  if (opening) out.push(['welcome', opening, () => bubble({ name: company(), text: opening })]);
  let day = '';
  for (const message of ordered()) {
    const itsDay = dayOf(message.created_at);
    if (itsDay !== day) out.push([`day ${itsDay}`, '', () => el('li', { class: 'day' }, itsDay)]);
    day = itsDay;
    const mine = message.direction === 'in';
    const state = mine && message.state === 'read' ? words.read : mine ? words.delivered : '';
    out.push([
      message.id,
      state + message.attachments.length,
      () => bubble({ mine, name: message.author.name ?? company(), text: message.text, time: message.created_at, files: message.attachments.map((file) => fileOf(message, file)), state }),
    ]);
  }
  for (const item of waiting()) {
    const files = (filesOf.get(item.client_id) ?? []).map((file) => el('div', { class: 'file' }, el('span', { class: 'download' }, file.name)));
    const state = item.failed ? words.not_sent : connected || !loaded ? words.sending : words.waiting;
    out.push([item.client_id, state, () => bubble({ mine: true, text: item.text, files, state, failed: item.failed, onRetry: item.failed && (() => retry(item)) })]);
  }
  if (closed) out.push(['closed', '', () => el('li', { class: 'day' }, words.closed)]);
  return out;
};

const draw = () => {
  const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 60;
  const keys = new Set();
  let previous = null;
  for (const [key, version, make] of lines()) {
    keys.add(key);
    let known = drawn.get(key);
    if (known?.version !== version) {
      known?.element.remove();
      drawn.set(key, (known = { version, element: make() }));
    }
    const place = previous ? previous.nextSibling : thread.firstChild;
    if (known.element !== place) thread.insertBefore(known.element, place);
    previous = known.element;
  }
  for (const [key, { element }] of drawn) {
    if (keys.has(key)) continue;
    element.remove();
    drawn.delete(key);
  }
  drawReplies();
  const { widget } = chat.session();
  const said = messages.size > 0 || waiting().length > 0;
  ask.hidden = !(said && widget.state !== 'open' && !store.get('identified'));
  network.hidden = connected || !listening;
  if (!network.hidden) network.textContent = navigator.onLine ? texts().reconnecting : texts().offline;
  if (seeing() && loaded && messages.size) markRead(ordered().at(-1).id, true);
  drawBadge();
  if (atEnd) log.scrollTop = log.scrollHeight;
};

const drawReplies = () => {
  const { widget } = chat.session();
  const last = ordered().at(-1);
  const offered = waiting().length ? [] : last ? (last.direction === 'out' && last.quick_replies) || [] : widget.opening?.quick_replies ?? [];
  const shown = JSON.stringify(offered);
  if (replies.dataset.shown === shown) return;
  replies.dataset.shown = shown;
  replies.replaceChildren(...offered.map((reply) => el('button', { type: 'button', class: 'reply', click: () => (pressed(reply), box.focus()) }, reply.title)));
};

const open = (focus = true) => {
  isOpen = true;
  panel.hidden = false;
  chat.frame.classList.add('open');
  panel.toggleAttribute('aria-modal', false);
  if (small.matches) panel.setAttribute('aria-modal', 'true');
  store.set('open', true);
  chat.adoptToken(chat.session().visitor_token);
  startListening();
  chat.label();
  chat.refresh().catch(() => {});
  draw();
  log.scrollTop = log.scrollHeight;
  if (focus) box.focus();
};
const close = () => {
  isOpen = false;
  panel.hidden = true;
  chat.frame.classList.remove('open');
  store.set('open', false);
  chat.host.hidden = chat.session().widget.hidden;
  chat.label();
  chat.launcher.focus();
};

addEventListener('online', () => draw());
addEventListener('offline', () => draw());
document.addEventListener('visibilitychange', () => draw());
addEventListener('storage', ({ key, newValue }) => {
  if (key === store.named('token') && newValue && JSON.parse(newValue) !== chat.session().visitor_token) chat.adoptToken(JSON.parse(newValue));
  if (key?.startsWith(store.named(OUT))) draw();
});

show();
if (store.get('thread')) {
  startListening();
  flush();
}
return { open, close, show, identify, isOpen: () => isOpen };
