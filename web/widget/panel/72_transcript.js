// A copy of the chat by mail (C10), to an address the visitor types in.

const copyBox = el('input', { type: 'email', id: 'copy', autocomplete: 'email', required: true, maxlength: 254, 'aria-describedby': 'copy-problem' });
const copyProblem = el('p', { class: 'problem', id: 'copy-problem', role: 'alert' });
const copyLabel = el('label', { for: 'copy' });
const copySend = el('button', { type: 'submit', class: 'primary' });
const copy = el('form', { class: 'ask', hidden: true, novalidate: true, submit: (event) => sendCopy(event), keydown: (event) => onCopyKey(event) }, copyLabel, el('div', { class: 'row' }, copyBox, copySend), copyProblem);
const copied = el('p', { class: 'network', role: 'status', hidden: true });
const COPIED_FOR = 10_000; // milliseconds

const askCopy = (asked) => {
  copy.hidden = !asked;
  copied.hidden = true;
  copyProblem.textContent = '';
  copyBox.removeAttribute('aria-invalid');
  drawCopy();
  if (!asked) return;
  copyBox.value ||= leftEmail();
  copyBox.select();
};
const onCopyKey = (event) => {
  if (event.key !== 'Escape') return;
  event.stopPropagation();
  askCopy(false);
  copyButton.focus();
};
const copyWent = (text) => {
  copyProblem.textContent = text;
  copyBox.setAttribute('aria-invalid', 'true');
  copyBox.focus();
};
const sendCopy = async (event) => {
  event.preventDefault();
  const words = texts();
  if (!copyBox.checkValidity()) return copyWent(words.email_wrong);
  copySend.disabled = true;
  try {
    const answer = await call('transcripts', { body: { email: copyBox.value.trim() } });
    if (answer.ok) {
      askCopy(false);
      copied.textContent = words.transcript_sent;
      copied.hidden = false;
      setTimeout(() => (copied.hidden = true), COPIED_FOR);
      box.focus();
    } else copyWent(answer.status === 429 ? words.transcript_often : answer.status === 422 ? words.email_wrong : words.not_sent);
  } catch {
    copyWent(words.not_sent);
  } finally {
    copySend.disabled = false;
  }
};

// There is nothing to copy before somebody has answered.
const drawCopy = () => {
  copyButton.hidden = ![...messages.values()].some((message) => message.author.kind === 'agent');
  copyButton.setAttribute('aria-expanded', String(!copy.hidden));
};
const wordCopy = () => {
  const words = texts();
  copyLabel.textContent = words.transcript;
  copyBox.placeholder = words.email;
  copySend.textContent = words.send;
  copyButton.setAttribute('aria-label', words.transcript);
  copyButton.title = words.transcript;
};
