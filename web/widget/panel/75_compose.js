// The box to write in, and the files picked to go with it.

const picked = [];
const chosen = el('ul', { class: 'chosen' });
const fileProblem = el('p', { class: 'problem', role: 'alert' });
const box = el('textarea', { rows: '1', maxlength: 20000, enterkeyhint: 'send', input: () => (grow(), drawReady(), tellTyping()), keydown: (event) => onKey(event), paste: (event) => pick(event.clipboardData?.files) });
const picker = el('input', { type: 'file', multiple: true, class: 'unseen', tabindex: '-1', 'aria-hidden': 'true', change: () => pick(picker.files) });
const attach = el('button', { type: 'button', class: 'tool', click: () => picker.click() }, icon('M20 11.5l-8.3 8.3a5 5 0 0 1-7-7l8.9-9a3.3 3.3 0 0 1 4.7 4.7l-8.9 8.9a1.7 1.7 0 0 1-2.3-2.4l7.6-7.6'));
const send = el('button', { type: 'submit', class: 'send' }, icon('M4 4.5L21 12 4 19.5 6.5 12z', 'M6.5 12H12'));
const compose = el('form', { class: 'compose', submit: (event) => submit(event) }, chosen, fileProblem, el('div', { class: 'row' }, picker, attach, box, send));

const grow = () => {
  box.style.height = 'auto';
  box.style.height = `${Math.min(box.scrollHeight + 2, 132)}px`;
  box.style.overflowY = box.scrollHeight > 130 ? 'auto' : 'hidden'; // no bar beside what has room
};
const onKey = (event) => {
  if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) submit(event);
};
const submit = (event) => {
  event.preventDefault();
  const text = box.value.trim();
  if (!text && !picked.length) return;
  say(text, { files: picked.splice(0) });
  box.value = fileProblem.textContent = '';
  drawChosen();
  grow();
  box.focus();
};

// The limits are the server's, which looks again.
const MAX_FILE = 5 * 1024 * 1024;
const MAX_FILES = 5;
const MAX_ALL = 10 * 1024 * 1024 - 128 * 1024; // what is written comes with them
const pick = (files) => {
  fileProblem.textContent = '';
  for (const file of files ?? []) {
    if (file.size > MAX_FILE) fileProblem.textContent = texts().too_large.replace('{name}', file.name);
    else if (picked.length >= MAX_FILES) fileProblem.textContent = texts().too_many;
    else if (picked.reduce((sum, { size }) => sum + size, file.size) > MAX_ALL) fileProblem.textContent = texts().too_much;
    else picked.push(file);
  }
  picker.value = '';
  drawChosen();
};
const onDrop = (event) => {
  event.preventDefault();
  pick(event.dataTransfer?.files);
};
const drawChosen = () => {
  drawReady();
  chosen.replaceChildren(
    ...picked.map((file, i) =>
      el('li', {}, el('span', {}, file.name), el('button', { type: 'button', 'aria-label': texts().remove.replace('{name}', file.name), click: () => (picked.splice(i, 1), drawChosen(), box.focus()) }, icon('M6 6l12 12M18 6L6 18'))),
    ),
  );
};
// There is something to send.
const drawReady = () => compose.classList.toggle('ready', picked.length > 0 || box.value.trim() !== '');

const wordCompose = () => {
  const words = texts();
  box.placeholder = words.placeholder;
  box.setAttribute('aria-label', words.placeholder);
  for (const [control, name] of [[send, words.send], [attach, words.attach]]) {
    control.setAttribute('aria-label', name);
    control.title = name;
  }
};
