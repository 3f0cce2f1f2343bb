// Who is typing: the visitor hears it of agents, and agents of the visitor.

const TYPES_FOR = 6000; // who types says it again before
let typist = null; // an agent's name
let stops;
const types = (name) => {
  if (typist !== name) announce(texts().typing.replace('{name}', name));
  typist = name;
  clearTimeout(stops);
  stops = setTimeout(stopsTyping, TYPES_FOR);
};
const stopsTyping = () => {
  clearTimeout(stops);
  if (typist === null) return;
  typist = null;
  draw();
};
const typingBubble = () =>
  el('li', { class: 'message theirs' }, faceOf(typist), el('span', { class: 'by' }, texts().typing.replace('{name}', typist)), el('p', { class: 'text dots', 'aria-hidden': 'true' }, el('i'), el('i'), el('i')));

// Nobody can be told before the first message.
const TELL_EVERY = 3000;
let toldAt = 0;
const tellTyping = () => {
  if (!connected || !messages.size || !box.value.trim() || Date.now() - toldAt < TELL_EVERY) return;
  toldAt = Date.now();
  call('typing', { method: 'POST' }).catch(() => {}); // it will be told again
};
