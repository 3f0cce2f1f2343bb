// The log: what was said, drawn anew only where something changed.

const thread = el('ol', { class: 'thread' });
const replies = el('div', { class: 'replies' });
const log = el('div', { class: 'log', role: 'log', 'aria-live': 'off', tabindex: '0' }, thread, replies);
// What screen readers say: lines that are added, so that the next one silences none.
const news = el('div', { class: 'unseen', 'aria-live': 'polite' });
const SAID_FOR = 10_000; // milliseconds
const announce = (text) => {
  const line = el('p', {}, text);
  news.append(line);
  setTimeout(() => line.remove(), SAID_FOR);
};

// The end stays in view until the visitor scrolls up: also when a picture arrives, or
// something below takes room.
let atEnd = true;
let scrolled = 0;
const toEnd = () => (log.scrollTop = log.scrollHeight);
log.addEventListener('scroll', () => {
  if (log.scrollHeight - log.scrollTop - log.clientHeight < 60) atEnd = true;
  else if (log.scrollTop < scrolled) atEnd = false;
  scrolled = log.scrollTop;
});
const grows = new ResizeObserver(() => atEnd && toEnd());
for (const part of [log, thread, replies]) grows.observe(part);

const wordLog = () => {
  log.setAttribute('aria-label', texts().conversation);
  if (drawnIn === language()) return;
  drawnIn = language();
  drawn.clear();
  thread.replaceChildren();
};
let drawnIn = '';

// What is drawn already, by key.
const drawn = new Map();

const PAUSE = 5 * 60000;
const wroteAs = ({ direction, author }) => `${direction} ${author.name ?? ''}`;

const lines = () => {
  const words = texts();
  const { widget } = chat.session();
  const out = [];
  const opening = widget.opening?.text || store.get('opening') || widget.welcome_message;
  if (opening) out.push(['welcome', opening, () => bubble({ name: widget.heading.faces.length === 1 ? widget.heading.faces[0].name : company(), text: opening })]);
  else if (!messages.size && !waiting().length && (loaded || !store.get('thread'))) out.push(['begin', '', () => el('li', { class: 'begin' }, icon(SPEECH), el('p', {}, words.begin))]);
  let day = '';
  const all = ordered();
  // Who answers has read.
  const answered = all.findLastIndex((message) => message.author.kind === 'agent');
  for (const [i, message] of all.entries()) {
    const before = all[i - 1];
    const itsDay = dayOf(message.created_at);
    const goesOn = itsDay === day && wroteAs(before) === wroteAs(message) && new Date(message.created_at) - new Date(before.created_at) < PAUSE;
    if (itsDay !== day) out.push([`day ${itsDay}`, '', () => el('li', { class: 'day' }, itsDay)]);
    day = itsDay;
    const mine = message.direction === 'in';
    const state = !mine ? '' : message.state === 'read' || i < answered ? words.read : words.delivered;
    out.push([
      message.id,
      `${state} ${goesOn} ${message.attachments.length}`,
      () => bubble({ mine, goesOn, name: message.author.name ?? company(), text: message.text, time: message.created_at, files: message.attachments.map((file) => fileOf(message, file)), state }),
    ]);
  }
  if (typist !== null) out.push(['typing', typist, typingBubble]);
  for (const item of waiting()) {
    const files = (filesOf.get(item.client_id) ?? []).map((file) => el('div', { class: 'file' }, el('span', { class: 'download' }, file.name)));
    const state = item.failed ? words.not_sent : connected || !loaded ? words.sending : words.waiting;
    out.push([item.client_id, state, () => bubble({ mine: true, text: item.text, files, state, failed: item.failed, onRetry: item.failed && (() => retry(item)) })]);
  }
  if (closed && !waiting().length) out.push(['closed', '', () => el('li', { class: 'day' }, words.closed)]);
  return out;
};

const drawLog = () => {
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
};

const pressed = (reply) => {
  say(reply.title, { payload: reply.payload });
  box.focus();
};
const drawReplies = () => {
  const { widget } = chat.session();
  const last = ordered().at(-1);
  const offered = waiting().length ? [] : last ? (last.direction === 'out' && last.quick_replies) || [] : widget.opening?.quick_replies ?? [];
  const shown = JSON.stringify(offered);
  if (replies.dataset.shown === shown) return;
  replies.dataset.shown = shown;
  replies.replaceChildren(...offered.map((reply) => el('button', { type: 'button', class: 'reply', click: () => pressed(reply) }, reply.title)));
};
